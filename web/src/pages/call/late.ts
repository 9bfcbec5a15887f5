/** What opens by a click, in a piece of its own: nobody's first picture waits for it. */
export { default as Shortcuts } from './Shortcuts.svelte'
export { default as SidePanel } from './SidePanel.svelte'
