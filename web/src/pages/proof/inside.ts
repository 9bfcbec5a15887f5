/** What those who audit or administer see of the proof, and nobody else loads. */
export { default as Inside } from './Inside.svelte'
