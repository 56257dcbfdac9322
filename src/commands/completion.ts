import { shells } from '../completion/scripts.ts'
import { defineCommand } from './command.ts'

export const completionCommand = defineCommand({
  name: 'completion',
  summary: 'a completion script for a shell',
  details:
    'Tab then completes commands, options, files, and the objects, fields, aliases and runs that this machine has seen; ' +
    'no org is asked.',
  arguments: [{ name: `<${shells.join('|')}>`, about: 'the shell' }],
  options: {},
  examples: [
    { about: 'bash: in ~/.bashrc', line: 'eval "$(sfbulk completion bash)"' },
    { about: 'zsh: in ~/.zshrc, after compinit', line: 'source <(sfbulk completion zsh)' },
    { about: 'fish: once', line: 'sfbulk completion fish > ~/.config/fish/completions/sfbulk.fish' },
  ],
  exits: ['done', 'usage'],
  load: () => import('./run-completion.ts'),
})
