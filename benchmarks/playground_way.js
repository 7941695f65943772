// A net of objects, one per node and one per link, trained example by example as TensorFlow Playground
// does it: SGD on squared errors of -1 and 1, the sums of a batch kept in the links, tanh units.
//
// node benchmarks/playground_way.js FILE: reads {"x", "t", "lr", "batch", "layers", "seed", "seconds"};
// prints {"epochs", "seconds", "right"}: until all training points are right, or the time is over.
"use strict";
const { x, t, lr, batch, layers, seed, seconds } = JSON.parse(require("node:fs").readFileSync(process.argv[2], "utf8"));

let state = seed >>> 0 || 1;
function random() {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
}

class Link {
  constructor(source, target) {
    this.source = source;
    this.target = target;
    this.weight = random() - 0.5;
    this.sum = 0;
  }
}
class Node {
  constructor(sources) {
    this.bias = 0.1;
    this.sum = this.output = this.gradient = 0;
    this.outgoing = [];
    this.incoming = sources.map((source) => {
      const link = new Link(source, this);
      source.outgoing.push(link);
      return link;
    });
  }
  forward() {
    let total = this.bias;
    for (const { weight, source } of this.incoming) total += weight * source.output;
    this.output = Math.tanh(total);
  }
  backward(outer) {
    this.gradient = outer * (1 - this.output * this.output);
    this.sum += this.gradient;
    for (const link of this.incoming) link.sum += this.gradient * link.source.output;
  }
  update(count) {
    this.bias -= (lr * this.sum) / count;
    this.sum = 0;
    for (const link of this.incoming) {
      link.weight -= (lr * link.sum) / count;
      link.sum = 0;
    }
  }
}

const inputs = x[0].map(() => new Node([]));
const net = [];
for (const units of [...layers, 1]) {
  const below = net.at(-1) ?? inputs;
  net.push(Array.from({ length: units }, () => new Node(below)));
}
function answer(row) {
  inputs.forEach((node, i) => (node.output = row[i]));
  for (const layer of net) for (const node of layer) node.forward();
  return net.at(-1)[0].output;
}
function learn(row, target) {
  const last = net.at(-1)[0];
  last.backward(answer(row) - target);
  for (const layer of net.slice(0, -1).reverse())
    for (const node of layer) {
      let outer = 0;
      for (const { weight, target: above } of node.outgoing) outer += weight * above.gradient;
      node.backward(outer);
    }
}

const began = performance.now();
let epochs = 0;
let right = 0;
while (right < x.length && performance.now() - began < 1000 * seconds) {
  for (let k = 0; k < x.length; k++) {
    learn(x[k], t[k]);
    if ((k + 1) % batch === 0) for (const layer of net) for (const node of layer) node.update(batch);
  }
  epochs++;
  right = x.filter((row, k) => answer(row) * t[k] > 0).length;
}
console.log(JSON.stringify({ epochs, seconds: (performance.now() - began) / 1000, right: right / x.length }));
