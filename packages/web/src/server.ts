// The server's API, typed by the contract.

import { createORPCClient } from '@orpc/client';
import type { ContractRouterClient } from '@orpc/contract';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { fetchLoggedIn } from './login.ts';
import { contract } from 'virtual:contract';

export const server: ContractRouterClient<typeof contract> = createORPCClient(new OpenAPILink(contract, { url: `${location.origin}/api`, fetch: (request, init) => fetchLoggedIn(request, init) }));
