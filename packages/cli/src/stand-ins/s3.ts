// A local S3 in a process of its own, on the loopback interface only. It imports nothing of ours: it stands in for AWS.
// fauxqs's own start listens on every interface, so its application is started here by hand.

import { buildApp } from 'fauxqs';

const app = buildApp({ logger: false });
const address = await app.listen({ host: '127.0.0.1', port: Number(process.argv[2] ?? 0) });
process.on('disconnect', () => process.exit(0));
process.send?.({ endpoint: address });
