import CTorch

/// AdamW (Loshchilov and Hutter 2019, "Decoupled weight decay regularization", algorithm 2) on
/// libtorch's fused kernel: the same numbers as `torch.optim.AdamW(fused=True)`.
public final class AdamW {
  /// What is kept for one parameter.
  public struct State {
    /// The number of steps taken, a float32 of rank 0.
    public let step: Tensor
    /// The running mean of the gradient, shaped like the parameter.
    public let expAvg: Tensor
    /// The running mean of the squared gradient, shaped like the parameter.
    public let expAvgSq: Tensor

    /// A state from elsewhere, a checkpoint say.
    public init(step: Tensor, expAvg: Tensor, expAvgSq: Tensor) {
      self.step = step
      self.expAvg = expAvg
      self.expAvgSq = expAvgSq
    }
  }

  /// What the optimizer moves; a parameter's place here is its key in `state`.
  public let parameters: [Tensor]

  /// The step size of the next step; a schedule sets it before each.
  public var learningRate: Double

  /// The decay of the running means of the gradient and of its square.
  public let betas: (Double, Double)

  /// What is added to the root of the mean square.
  public let epsilon: Double

  /// How much of a parameter goes with each step, times the learning rate.
  public let weightDecay: Double

  // Handles side by side, so that a step passes them on as they are: the parameters' are borrowed
  // from `parameters`, the others owned; null until the parameter's first gradient.
  private var handles: [ct_tensor]
  private var steps: [ct_tensor]
  private var averages: [ct_tensor]
  private var squareAverages: [ct_tensor]

  /// An optimizer without state; the defaults are PyTorch's.
  public init(
    _ parameters: [Tensor], learningRate: Double, betas: (Double, Double) = (0.9, 0.999),
    epsilon: Double = 1e-8, weightDecay: Double = 0.01
  ) {
    self.parameters = parameters
    self.learningRate = learningRate
    self.betas = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
    handles = parameters.map(\.raw)
    steps = [ct_tensor](repeating: ct_tensor(), count: parameters.count)
    averages = steps
    squareAverages = steps
  }

  deinit { releaseState() }

  /// Removes all gradients.
  public func zeroGrad() { ct_zero_grad(handles, handles.count) }

  /// Moves every parameter that has a gradient.
  public func step() {
    check(
      ct_adamw_step(
        handles, &steps, &averages, &squareAverages, handles.count, learningRate, betas.0, betas.1,
        epsilon, weightDecay), "AdamW.step")
  }

  /// Removes all gradients, computes those of the loss, and takes a step.
  public func minimize(_ loss: Tensor) {
    zeroGrad()
    loss.backward()
    step()
  }

  /// The states by the parameters' places in `parameters`; parameters that never had a gradient
  /// have none, as in PyTorch's `optimizer.state_dict()`.
  ///
  /// Reading shares the tensors, which the next step changes; writing copies them.
  public var state: [Int: State] {
    get {
      var state: [Int: State] = [:]
      for index in handles.indices where steps[index].raw != nil {
        state[index] = State(
          step: share(steps[index]), expAvg: share(averages[index]),
          expAvgSq: share(squareAverages[index]))
      }
      return state
    }
    set {
      releaseState()
      for (index, state) in newValue {
        guard parameters.indices.contains(index) else {
          fatalError("AdamW.state: \(index) is no place among \(parameters.count) parameters")
        }
        let parameter = parameters[index]
        require(
          state.expAvg.shape == parameter.shape && state.expAvgSq.shape == parameter.shape
            && state.step.count == 1,
          "AdamW.state: the averages of parameter \(index), \(state.expAvg.shape) and "
            + "\(state.expAvgSq.shape), need its shape \(parameter.shape), and its step one value")
        steps[index] = copy(state.step.reshape([]), parameter.device, .float32)
        averages[index] = copy(state.expAvg, parameter.device, parameter.dtype)
        squareAverages[index] = copy(state.expAvgSq, parameter.device, parameter.dtype)
      }
    }
  }

  private func share(_ handle: ct_tensor) -> Tensor {
    var out = ct_tensor()
    ct_retain(&out, handle)
    return Tensor(owning: out)
  }

  private func copy(_ tensor: Tensor, _ device: Device, _ dtype: DType) -> ct_tensor {
    let copied = tensor.detach().to(device, dtype).clone().contiguous()
    var out = ct_tensor()
    withExtendedLifetime(copied) { ct_retain(&out, copied.raw) }
    return out
  }

  private func releaseState() {
    for index in handles.indices {
      ct_release(steps[index])
      ct_release(averages[index])
      ct_release(squareAverages[index])
      steps[index] = ct_tensor()
      averages[index] = ct_tensor()
      squareAverages[index] = ct_tensor()
    }
  }
}

/// Scales all gradients down so that their norm, taken over all of them, is at most `max`.
///
/// - Returns: the norm before (0 where there is no gradient; NaN or infinite where one is).
@discardableResult
public func clipGradientNorm(_ parameters: [Tensor], max: Double) -> Double {
  var norm = 0.0
  withHandles(parameters) { handles, count in
    check(ct_clip_grad_norm(&norm, handles, count, max), "clipGradientNorm")
  }
  return norm
}
