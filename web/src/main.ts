import { mount } from 'svelte'
import './ui/styles/tokens.css'
import './ui/styles/base.css'
import { Calling } from './call/calling'
import { startSpeech } from './i18n/speech.svelte'
import App from './pages/App.svelte'

const target = document.getElementById('app')
if (target) mount(App, { target, props: { backstage: new Calling(), speech: await startSpeech() } })
