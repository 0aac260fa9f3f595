/** @file The contract of a random stream: what initialisation, shuffling and dropout draw from. See torch.ts for the generator. */
export interface Random {
  /** `count` float32 values uniform in [from, to), as `torch.empty(count).uniform_(from, to)`. */
  uniform(count: number, from: number, to: number): Float32Array;
  /** As `torch.empty(count).normal_(mean, std)`. */
  normal(count: number, mean: number, std: number): Float32Array;
}
