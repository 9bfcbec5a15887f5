/** The process tree, as the operating system tells it. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

export type Process = { pid: number; parent: number; name: string }

export function processes(): Process[] {
  return process.platform === 'linux' ? fromProc() : fromPs()
}

/** `pid` itself is not among them. */
export function descendants(pid: number): Process[] {
  const all = processes()
  const found: Process[] = []
  let parents = [pid]
  while (parents.length > 0) {
    const children = all.filter((process) => parents.includes(process.parent))
    found.push(...children)
    parents = children.map((child) => child.pid)
  }
  return found
}

export function alive(pid: number): boolean {
  return processes().some((process) => process.pid === pid)
}

/** Zombies count as gone: only their parent's wait is outstanding. */
function fromProc(): Process[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      try {
        const [, name = '', state, parent] =
          /\((.*)\) (\S) (\d+)/.exec(readFileSync(`/proc/${entry}/stat`, 'utf8')) ?? []
        return state === 'Z' ? [] : [{ pid: Number(entry), parent: Number(parent), name }]
      } catch {
        return [] // ended while we looked
      }
    })
}

function fromPs(): Process[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => {
      const [pid, parent, ...name] = line.trim().split(/\s+/)
      return { pid: Number(pid), parent: Number(parent), name: name.join(' ').split('/').at(-1) ?? '' }
    })
}
