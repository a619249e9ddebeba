/** Strongly connected components by Tarjan's algorithm, without recursion: a chain of transactions may be long. */

export type Next = (node: number) => readonly number[];

/** The component of each node; two nodes have the same number when each is reached from the other. */
export function components(size: number, next: Next): readonly number[] {
  const component = new Array<number>(size).fill(-1);
  const order = new Array<number>(size).fill(-1);
  const low = new Array<number>(size).fill(0);
  const open: number[] = [];
  let visited = 0;
  let closed = 0;

  const visit = (root: number): void => {
    const calls: { node: number; next: readonly number[]; at: number }[] = [];
    const enter = (node: number): void => {
      order[node] = visited;
      low[node] = visited;
      visited += 1;
      open.push(node);
      calls.push({ node, next: next(node), at: 0 });
    };
    const lower = (node: number, to: number): void => {
      low[node] = Math.min(low[node] ?? 0, to);
    };
    enter(root);
    for (let call = calls.at(-1); call !== undefined; call = calls.at(-1)) {
      const { node } = call;
      const to = call.next[call.at];
      call.at += 1;
      if (to !== undefined) {
        if (order[to] === -1) enter(to);
        else if (component[to] === -1) lower(node, order[to] ?? 0);
        continue;
      }
      calls.pop();
      const caller = calls.at(-1);
      if (caller !== undefined) lower(caller.node, low[node] ?? 0);
      if (low[node] !== order[node]) continue;
      for (let member = open.pop(); member !== undefined; member = open.pop()) {
        component[member] = closed;
        if (member === node) break;
      }
      closed += 1;
    }
  };
  for (let node = 0; node < size; node += 1) if (order[node] === -1) visit(node);
  return component;
}

/** A shortest path, both ends included; undefined where there is none. */
export function pathBetween(from: number, to: number, next: Next): readonly number[] | undefined {
  const cameFrom = new Map<number, number | undefined>([[from, undefined]]);
  const queue = [from];
  for (const node of queue) {
    if (node === to) break;
    for (const following of next(node)) {
      if (cameFrom.has(following)) continue;
      cameFrom.set(following, node);
      queue.push(following);
    }
  }
  if (!cameFrom.has(to)) return undefined;
  const path: number[] = [];
  for (let node: number | undefined = to; node !== undefined; node = cameFrom.get(node)) {
    path.unshift(node);
  }
  return path;
}
