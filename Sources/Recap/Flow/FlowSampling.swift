package import Torch

// B batch, P base tokens, G tag tokens, H actions a chunk of A values.

extension FlowPolicy {
  /// Draws a chunk of actions for each prefix, by Euler's method from noise to data.
  ///
  /// - Parameters:
  ///   - indicator: what the policy is told; with `guidance` other than 1 it must not be none.
  ///   - guidance: β of classifier-free guidance on velocities, f = f_none + β (f_I − f_none) (App. E,
  ///     Eq. 13); 1 takes one pass a step, other values one of twice the batch.
  ///   - steps: denoising steps.
  ///   - noise: ω, [B, H, A].
  /// - Returns: normalised actions, [B, H, A].
  package func sample(
    _ input: PrefixInput, tags: TagFeatures?, indicator: Indicator, guidance: Double = 1,
    steps: Int, noise: Tensor
  ) -> Tensor {
    guard guidance == 1 || indicator != .none else {
      fatalError("FlowPolicy.sample: guidance \(guidance) needs an indicator to guide towards")
    }
    return withoutGradient {
      let isGuided = guidance != 1
      let tagged = tagged(base(input), Array(repeating: indicator, count: input.count), tags)
      let (past, mask) = isGuided ? withAndWithoutTag(tagged) : (tagged.layers, tagged.mask)
      let shared = past.map { SharedPast($0, room: sizes.chunkLength) }
      let changes =
        isGuided
        ? changes(steps: steps, [.none, indicator], each: input.count)
        : changes(steps: steps, [indicator])
      var actions = noise
      for changes in changes {
        if isGuided {
          let both = expert(
            Tensor.cat([actions, actions]), changes: changes, prefix: shared, mask: mask
          ).chunk(2)
          actions = actions - (both[0] + (both[1] - both[0]) * guidance) * (1 / Double(steps))
        } else {
          let velocity = expert(actions, changes: changes, prefix: shared, mask: mask)
          actions = actions - velocity * (1 / Double(steps))
        }
      }
      return actions
    }
  }

  /// Twice the batch: first as if it had no tags, then with them.
  private func withAndWithoutTag(_ tagged: Tagged) -> (past: [KeyValue], mask: Tensor) {
    let (batch, device) = (tagged.indicators.count, tagged.layers[0].key.device)
    let length = tagged.layers[0].key.shape[2] - tagged.tagLength
    let visible = { (width: Int, isVisible: Bool) in
      Tensor.full([batch, 1, 1, width], isVisible ? 1 : 0, dtype: .bool, device: device)
    }
    let told = tagged.mask ?? visible(length + tagged.tagLength + sizes.chunkLength, true)
    let hidden = Tensor.cat(
      [
        visible(length, true), visible(tagged.tagLength, false), visible(sizes.chunkLength, true),
      ], dim: 3)
    return (
      tagged.layers.map { $0.repeated(2) }, Tensor.cat([told.logicalAnd(hidden), told])
    )
  }

  /// What each denoising step scales and shifts by, for each of these indicators: all steps' at once, since
  /// they are the same for every sample.
  ///
  /// - Parameter samples: how many rows to give each indicator.
  private func changes(
    steps: Int, _ indicators: [Indicator], each samples: Int = 1
  ) -> [[Tensor]] {
    let eta = Tensor(
      (0..<steps * indicators.count).map { Float($0 / indicators.count) / Float(steps) },
      device: expert.actionPositions.device)
    let all = expert.changes(eta: eta, (0..<steps).flatMap { _ in indicators }).map {
      (samples == 1 ? $0 : $0.repeatInterleave(samples, dim: 0))
        .chunk(steps)
    }
    return (0..<steps).map { step in all.map { $0[step] } }
  }
}
