/** @file Activations: each element by itself. */
import {
  abs,
  add,
  broadcastTo,
  clamp,
  constant,
  div,
  exp,
  gelu,
  log,
  logSoftmax,
  minimum,
  mul,
  neg,
  relu,
  sign,
  softmax,
  sqrt,
  square,
  sub,
  type Tensor,
} from "../../tensor/index.ts";
import type { Call, Operator } from "../call.ts";
import { checkShared } from "./arithmetic.ts";
import { kindOf } from "./convolution.ts";

const clip: Operator = (call) => {
  const single = (i: number, name: string): number | undefined => {
    const value = call.inputs[i] ? call.numbers(i)?.[0] : undefined;
    const said = call.node.attributes.has(name) ? call.float(name, 0) : undefined;
    return value ?? said;
  };
  const [min, max] = [single(1, "min"), single(2, "max")];
  const x = call.anywhere(0);
  // NOTE: what ONNX's Clip gives where min is above max is max everywhere.
  if (min !== undefined && max !== undefined && min > max) call.unsupported("its min is above its max");
  if (min === 0 && max === undefined) return kindOf(call, relu(x));
  return kindOf(call, clamp(x, { min, max }));
};

/** A function of each element. */
function each(of: (x: Tensor, call: Call) => Tensor): Operator {
  return (call) => kindOf(call, of(call.anywhere(0), call));
}

/** x where it is positive, else something of what is below 0. */
function below(x: Tensor, of: (negative: Tensor) => Tensor): Tensor {
  return add(relu(x), of(minimum(x, 0)));
}

/** Softmax or its logarithm over the last axis; before opset 13, over all axes from `axis` on together. */
function overLast(of: (x: Tensor) => Tensor): Operator {
  return each((x, call) => {
    const rank = x.shape.length;
    const axis = call.axis(call.int("axis", call.setting.opset < 13 ? 1 : -1), rank);
    if (axis !== rank - 1) call.unsupported(`it is over axis ${axis} of ${rank}, not the last`);
    call.checkApart(axis, "it mixes the images of a batch, over the last axis");
    return of(x);
  });
}

export const activations: Readonly<Record<string, Operator>> = {
  Relu: each(relu),
  Clip: clip,
  LeakyRelu: each((x, call) => {
    const slope = call.float("alpha", 0.01);
    return below(x, (negative) => mul(negative, slope));
  }),
  PRelu: each((x, call) => {
    const slope = call.weight(1) ?? call.damaged("should have a slope");
    if (slope.shape.length > x.shape.length) call.unsupported("its slope has more axes than its input");
    checkShared(call, x, slope);
    return below(x, (negative) => mul(negative, slope));
  }),
  Elu: each((x, call) => {
    const alpha = call.float("alpha", 1);
    return below(x, (negative) => mul(sub(exp(negative), 1), alpha));
  }),
  Selu: each((x, call) => {
    const [alpha, gamma] = [
      call.float("alpha", 1.67326319217681884765625),
      call.float("gamma", 1.05070102214813232421875),
    ];
    return mul(
      below(x, (negative) => mul(sub(exp(negative), 1), alpha)),
      gamma,
    );
  }),
  Celu: each((x, call) => {
    const alpha = call.float("alpha", 1);
    return below(x, (negative) => mul(sub(exp(div(negative, alpha)), 1), alpha));
  }),
  Softplus: each(softplus),
  Sigmoid: each(sigmoid),
  HardSigmoid: each((x, call) => hardSigmoid(x, call.float("alpha", 0.2), call.float("beta", 0.5))),
  HardSwish: each((x) => mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Swish: each((x, call) => mul(x, sigmoid(mul(x, call.float("alpha", 1))))),
  Tanh: each((x) => sub(mul(sigmoid(mul(x, 2)), 2), 1)),
  Erf: each(erf),
  Gelu: each((x, call) => {
    const approximate = call.text("approximate", "none");
    if (approximate !== "none" && approximate !== "tanh")
      return call.unsupported(`its approximation is ${approximate}`);
    return gelu(x, { approximate });
  }),
  Softmax: overLast(softmax),
  LogSoftmax: overLast(logSoftmax),
  Abs: each(abs),
  Exp: each(exp),
  Log: each(log),
  Neg: each(neg),
  Sqrt: each(sqrt),
  Reciprocal: each((x) => div(1, x)),
};

/** 1 / (1 + e^-x); e^-x is held below what float32 ends at, so that no gradient is infinite. */
function sigmoid(x: Tensor): Tensor {
  return div(1, add(exp(minimum(neg(x), 80)), 1));
}

/** log(1 + e^x): x itself from 20 on, where float32 holds nothing else, so that no exponential is infinite. */
function softplus(x: Tensor): Tensor {
  const low = minimum(x, 20);
  return add(sub(x, low), log(add(exp(low), 1)));
}

/**
 * erf(x) within 1.5e-7: sign(x)·(1 - (a₁t + … + a₅t⁵) e^-x²) with t = 1 / (1 + p|x|). Abramowitz, Stegun, "Handbook of Mathematical
 * Functions", 1964, 7.1.26
 */
function erf(x: Tensor): Tensor {
  const t = div(1, add(mul(abs(x), 0.3275911), 1));
  const [last, ...others] = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592] as const;
  const series = others.reduce<Tensor>((sum, a) => add(mul(sum, t), a), broadcastTo(constant(last), x.shape));
  return mul(sign(x), sub(1, mul(mul(series, t), exp(neg(square(x))))));
}

function hardSigmoid(x: Tensor, alpha: number, beta: number): Tensor {
  return clamp(add(mul(x, alpha), beta), { min: 0, max: 1 });
}
