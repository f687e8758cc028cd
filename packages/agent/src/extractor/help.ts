// What --help says: of the whole command, and of each of its parts.

export const ACTIONS = ['configure', 'mount', 'unmount', 'run', 'status', 'watch-mounts', 'version', 'help'] as const;
export type Action = (typeof ACTIONS)[number];

const EXIT_CODES = 'Exit codes: 0 done; 1 done, but something is not as it should be; 2 unusable arguments, answers or settings.\n';
const ROOT = '  --root DIR                    everything under DIR instead of / (also CASSANDRA_DATA_EXTRACTOR_ROOT)\n';

const HELP = `cassandra-data-extractor: extracts the data of Apache Cassandra nodes for Aeneas.

  sudo cassandra-data-extractor --configure     ask for nodes, stores and output folder; mount the nodes; write the settings
  sudo cassandra-data-extractor -mnt            mount what is not mounted (--mount)
  sudo cassandra-data-extractor --unmount       end the mounts
  sudo systemctl start cassandra-data-extractor
  sudo cassandra-data-extractor status          settings, mounts, disk, certificate, Cassandra's version, tables and their sizes
  cassandra-data-extractor run                  what the service runs
  cassandra-data-extractor watch-mounts         what the service of the mounts runs: mounts, watches, and mounts anew

"cassandra-data-extractor --configure --help" and the like explain one of these; "man cassandra-data-extractor" explains all. In the order of a
first time: --configure, look at /mnt/cassandra-data-extractor, start the service, status, register the agent in the server.
"java -jar aws-cassandra-extractor.jar" of other instructions is "cassandra-data-extractor" here, with the same options.

${ROOT}  --version, --help

${EXIT_CODES}`;

const OF_ACTION: Partial<Record<Action, string>> = {
  configure: `sudo cassandra-data-extractor --configure

Asks, node by node, for address, SSH port, login, password or private key, the place of cassandra.yaml and the data directories; mounts the nodes; then
asks for TLS (key store and trust store, or a service password) and for the output folder, and writes
/etc/cassandra-data-extractor/agent-settings.yaml. Every answer is checked when it is given. At a terminal a wrong one is asked for again, "<" leads back
to the question before, and Ctrl-C ends without a change to the settings. Run again, it has the earlier answers in brackets: Enter keeps them, "-" takes
back an optional secret.

Have at hand: for each node of the datacenter a login that may read Cassandra's files, with its key or password; the agent's key store and the trust
store of "aeneas keystore generate", with their password, or else a password of your own for the service.

Answers may come from a pipe, one a line, an empty one for a default; then these take the place of what is asked at a terminal only:
  --host-key NODE=SHA256:...    the node's host key, where it is not in known_hosts; may be repeated. On the node:
                                ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
  --fix-key-permissions         set private keys that others can read to 600
  --allow-other                 set user_allow_other in /etc/fuse.conf
  --cassandra-version VERSION   2, 3, 4 or 5, where no node can be asked

  --port PORT                   the agent's own port (8080)
  --sftp                        read over SFTP instead of mounting
  --local                       the agent is on the node itself: nothing is mounted
${ROOT}
Exit codes: 0 configured; 1 configured, but not everything is mounted: mend it, then -mnt; 2 an answer cannot be used: the settings are as before.
`,
  mount: `sudo cassandra-data-extractor -mnt

Mounts the directories of the nodes in the settings that are not mounted, read-only, by sshfs, below /mnt/cassandra-data-extractor/<ip>_node: conf,
data/<name>, commitlog, cdc_raw. What is mounted already stays. Each mount has its log in /var/log/cassandra-data-extractor. The service
cassandra-data-extractor-mounts does the same at each start of the machine, and whenever a mount is lost.

${ROOT}
Exit codes: 0 all is mounted; 1 something could not be mounted: it was said why; 2 unusable arguments or settings.
`,
  unmount: `sudo cassandra-data-extractor --unmount

Ends the mounts of all nodes, those that no longer answer too. Stop the services before, or they are mounted anew:
  sudo systemctl stop cassandra-data-extractor cassandra-data-extractor-mounts

${ROOT}
${EXIT_CODES}`,
  status: `sudo cassandra-data-extractor status [--json]

Shows the machine, whether the agent runs and with which certificate, the room in the output folder, each mount (mounted, missing, lost), and what
was found there: Cassandra's version, the tables and their sizes.

  --json                        for programs
${ROOT}
Exit codes: 0 all is well; 1 the agent does not run, or a mount is not there; 2 unusable arguments or settings.
`,
  run: `cassandra-data-extractor run

The agent itself, which the service cassandra-data-extractor runs as its own user. Its log goes to standard output, a JSON object a line. SIGTERM or Ctrl-C
end running jobs in order. Start the service instead: sudo systemctl enable --now cassandra-data-extractor

${ROOT}
Exit codes: 0 stopped; 2 not configured, or unusable settings.
`,
  'watch-mounts': `cassandra-data-extractor watch-mounts

As root: mounts everything, looks at the mounts every two seconds, and mounts anew what was lost. The service cassandra-data-extractor-mounts runs it.
Mounts stay when it ends.

${ROOT}
Exit codes: 0 stopped; 2 not configured, or unusable settings.
`,
};

/** Of one part of the command where there is more to say, else of the whole. */
export function helpOf(action: Action): string {
  return OF_ACTION[action] ?? HELP;
}
