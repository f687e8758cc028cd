// Commands that make the source OS user: as the guide means them, with what is garbled there repaired, or with least privilege.

import type { OsUserCommands, OsUserScope, PrerequisiteStep, Repair } from '@aeneas/protocol';

const SUDOERS_FILE = '/etc/sudoers.d/cassandra-users';
const NODE = 'on each Cassandra node';

/** What the guide says and cannot be meant. `usermod` stands there twice, heredocs have lost their lines, and so on. */
export const OS_USER_REPAIRS: readonly Repair[] = [
  {
    seed: 'sudo bash -c "cat << EOF >> /etc/sudoers.d/cassandra-users sct_extractor ALL=(ALL) NOPASSWD: ALL EOF"',
    problem: 'The line breaks of the here-document are lost: sct_extractor and the rest are read as files to print, and the document never ends. A second run would add the line once more, and a mistake in that file locks everybody out of sudo.',
    repair: 'The file is written as a whole, checked with "visudo -cf" and only then put in place, mode 0440.',
  },
  {
    seed: 'sudo touch /home/sct_extractor/.ssh/authorized_keys',
    problem: 'useradd -m makes no .ssh, so this fails; and sshd ignores the file when others may write it.',
    repair: '.ssh is made first with mode 700, the file with mode 600, both the user\'s own.',
  },
  {
    seed: 'sudo usermod -aG sudo usermod -aG [ec2-user|ubuntu|centos],root sct_extractor',
    problem: '"sudo usermod -aG" stands there twice: the second one is read as the names of groups.',
    repair: 'Once.',
  },
  {
    seed: '[ec2-user|ubuntu|centos]',
    problem: 'A placeholder; in a shell the | begins another command.',
    repair: 'Choose the user that the machine came with, and its name stands there.',
  },
  {
    seed: 'sudo chown -R sct_extractor:sct_extractor /home/sct_extractor sudo chown -R ... Where: [ec2-user|ubuntu|centos] - OS user',
    problem: 'Four commands and a remark in one line.',
    repair: 'A line for each; the remark is left out.',
  },
  {
    seed: 'sudo chmod 750 -R /home/sct_extractor; sudo chmod 750 -R /home/[ec2-user|ubuntu|centos]',
    problem: '-R also gives the private keys below mode 750, and ssh then refuses to use them; files that are no programs become executable.',
    repair: 'The folder alone gets 750; .ssh keeps 700 and its files 600.',
  },
  {
    seed: 'su - sct_extractor sudo ssh-keygen ... cat ... >> authorized_keys',
    problem: 'Three commands in one line: su would pass the rest to the shell. Given one by one, "su -" opens a shell in which sudo makes a key that belongs to root, which the user then cannot read.',
    repair: 'ssh-keygen runs as the user itself: sudo -u sct_extractor ssh-keygen.',
  },
  {
    seed: 'ssh-keygen ... -N \'cassandra\'',
    problem: 'A passphrase that stands in a public guide protects nothing.',
    repair: 'ssh-keygen asks for one of your own; or generate the pair here, and give the node its public half alone.',
  },
  {
    seed: 'sudo passwd sct_extractor',
    problem: 'A key is used to log in; a password besides it can be guessed.',
    repair: 'As it is in the guide\'s form; with least privilege the account has no password that could be right, and is not locked either, since sshd without PAM refuses locked accounts.',
  },
];

export function osUserCommands(scope: OsUserScope): OsUserCommands {
  const sudoers = sudoersOf(scope);
  const steps = [account(scope), ...(sudoers === undefined ? [] : [sudoersStep(sudoers)]), password(scope), authorizedKeys(scope), groups(scope), permissions(scope), ...key(scope)];
  const script = steps.filter(({ where }) => where === NODE).map(({ title, commands }) => `# ${title}\n${commands}\n`).join('\n');
  return { steps, script: `#!/bin/sh\n# Makes the user ${scope.user} on a Cassandra node. Run it as a user that may use sudo.\nset -e\n\n${script}`, ...(sudoers === undefined ? {} : { sudoers }), repairs: [...OS_USER_REPAIRS] };
}

/** The content of the sudoers file; undefined where the user needs no other's rights. */
export function sudoersOf({ form, user, purpose, install, login, home }: OsUserScope): string | undefined {
  if (form === 'seed') return `${user} ALL=(ALL) NOPASSWD: ALL\n`;
  if (purpose === 'read') return undefined;
  // Exact commands: without a wildcard nothing can be added to them (sudoers(5), "Wildcards in command arguments").
  if (install === 'package') return `${user} ALL=(root) NOPASSWD: ${['stop', 'start', 'restart', 'status'].map((verb) => `/usr/sbin/service cassandra ${verb}`).join(', ')}\n`;
  return `${user} ALL=(${login}) NOPASSWD: ${home}/bin/cassandra "", /usr/bin/pkill -u ${login} -f CassandraDaemon\n`;
}

function step(title: string, commands: readonly string[], why?: string, where = NODE): PrerequisiteStep {
  return { title, where, commands: commands.join('\n'), ...(why === undefined ? {} : { why }) };
}

function account({ user }: OsUserScope): PrerequisiteStep {
  return step('Create the user', [`id -u ${user} >/dev/null 2>&1 || sudo useradd -s /bin/bash -m -d /home/${user} ${user}`]);
}

function sudoersStep(sudoers: string): PrerequisiteStep {
  return step('Add the user to sudoers', [
    'rules=$(mktemp)',
    `cat >"$rules" <<'EOF'`, `${sudoers}EOF`,
    `sudo visudo -cf "$rules" && sudo install -o root -g root -m 0440 "$rules" ${SUDOERS_FILE}`,
    'rm -f "$rules"',
  ], 'The rules are checked before they count.');
}

function password({ form, user }: OsUserScope): PrerequisiteStep {
  if (form === 'seed') return step('Set the password', [`sudo passwd ${user} </dev/tty`]);
  return step('No password', [`sudo usermod -p '*' ${user}`], 'Nobody can log in with a password; keys work.');
}

function authorizedKeys({ user, publicKey }: OsUserScope): PrerequisiteStep {
  const folder = `/home/${user}/.ssh`;
  return step('Create the authorized keys file', [
    `sudo install -d -o ${user} -g ${user} -m 700 ${folder}`,
    `sudo touch ${folder}/authorized_keys`,
    ...(publicKey === undefined ? [] : [`sudo grep -qxF '${publicKey}' ${folder}/authorized_keys || echo '${publicKey}' | sudo tee -a ${folder}/authorized_keys >/dev/null`]),
    `sudo chown ${user}:${user} ${folder}/authorized_keys`,
    `sudo chmod 600 ${folder}/authorized_keys`,
  ]);
}

function groups({ form, install, login, user, dataDirectories }: OsUserScope): PrerequisiteStep {
  const packaged = install === 'package';
  if (form === 'seed') return step('Add the user to the groups', [`sudo usermod -aG ${login},root${packaged ? ',cassandra' : ''} ${user}`]);
  if (packaged) return step('Let the user read what Cassandra writes', [`sudo usermod -aG cassandra ${user}`], `Neither root's group nor that of ${login}: the package gives the data to the group cassandra.`);
  return step('Let the user read what Cassandra writes', [
    `sudo usermod -aG ${login} ${user}`,
    // Also what is written later: the d: entries are inherited.
    ...dataDirectories.map((directory) => `sudo setfacl -R -m u:${user}:rX,d:u:${user}:rX ${directory}`),
  ], `A tarball runs as whoever started it, here ${login}: an entry in the access list lets this user read the data, and nothing of root's.`);
}

function permissions({ form, login, user, purpose, install, configuration, home }: OsUserScope): PrerequisiteStep {
  const own = [`sudo chown ${user}:${user} /home/${user}`, `sudo chmod 750 /home/${user}`];
  if (form === 'seed') return step('Add the permissions', [`sudo chown -R ${user}:${user} /home/${user}`, `sudo chown -R ${login}:${login} /home/${login}`, `sudo chmod 750 /home/${user}`, `sudo chmod 750 /home/${login}`]);
  if (purpose === 'read') return step('Add the permissions', own, `The home of ${login} stays as it is.`);
  const folder = install === 'package' ? configuration : `${home}/conf`;
  return step('Add the permissions', [
    ...own, `sudo setfacl -m u:${user}:rw ${folder}/cassandra.yaml ${folder}/cassandra-rackdc.properties`, `sudo setfacl -m u:${user}:rwx ${folder}`,
  ], 'Cloning changes these two files, and keeps copies beside them.');
}

function key({ user, publicKey }: OsUserScope): PrerequisiteStep[] {
  if (publicKey !== undefined) return [];
  const file = `/home/${user}/.ssh/id_rsa`;
  return [
    step('Generate an RSA key', [
      `sudo -u ${user} ssh-keygen -a 1000 -b 4096 -C "" -E sha256 -o -t rsa -f ${file}`,
      `sudo -u ${user} sh -c 'cat ${file}.pub >>/home/${user}/.ssh/authorized_keys'`,
    ], 'Or generate the pair here: then the private key never is on the node.', 'on one Cassandra node'),
    step('Download the generated key', [`ssh NODE sudo cat ${file} >${user}.pem && chmod 600 ${user}.pem`, `ssh NODE sudo rm ${file}`], 'The node needs the public half only.', 'on the machine that logs in'),
  ];
}
