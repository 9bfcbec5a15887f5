import { mount } from 'svelte'
import './ui/styles/tokens.css'
import './ui/styles/base.css'
import { Calling } from './call/calling'
import { startSpeech } from './i18n/speech.svelte'
import App from './pages/App.svelte'

const target = document.getElementById('app')
// Awaited here, it would have the build cut everything that is shared with later pages into many small files.
if (target) void startSpeech().then((speech) => mount(App, { target, props: { backstage: new Calling(), speech } }))
