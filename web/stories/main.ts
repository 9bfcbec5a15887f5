import { mount } from 'svelte'
import '../src/ui/styles/tokens.css'
import '../src/ui/styles/base.css'
import { startSpeech } from '../src/i18n/speech.svelte'
import App from '../src/pages/App.svelte'
import { STORIES } from './stories'

const name = new URLSearchParams(location.search).get('story') ?? 'home'
const story = STORIES[name]?.()
if (!story) throw new Error(`no story ${name}; there are ${Object.keys(STORIES).join(', ')}`)
const speech = await startSpeech()
history.replaceState(null, '', story.path)
mount(App, { target: document.getElementById('app') ?? document.body, props: { backstage: story.backstage, speech } })
