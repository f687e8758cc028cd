declare module 'virtual:contract' {
  import type { appContract } from '@aeneas/protocol';

  export const contract: typeof appContract;
}
