/** What is linked at the foot of every page. */
export { default as imprint } from './Imprint.svelte'
export { default as notice } from './Notice.svelte'
