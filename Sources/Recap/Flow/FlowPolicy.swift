package import Torch

// B batch, P base tokens, G tag tokens, H actions a chunk of A values, K layers.

/// The advantage-conditioned policy of π*0.6: chunks of actions by flow matching (arXiv 2511.14759 §V).
///
/// A trunk reads the prefix: patch tokens of every camera, the instruction and the robot's state, which see
/// one another, then the tag "Advantage: positive" or "Advantage: negative", which sees all of them and is
/// seen by the action expert alone (§V-B: the label affects nothing but the actions' likelihood). The expert
/// reads each layer's keys and values and predicts noise − action.
///
/// Deviations from the paper: the trunk stands on encoders in place of Gemma 3; no sub-task text and no FAST
/// tokens; with knowledge insulation a linear regression of the chunk trains the trunk in their place.
package struct FlowPolicy: Module {
  let prefix: PrefixEmbedding
  let trunk: [TransformerBlock]
  let expert: FlowExpert
  let insulationHead: Linear?
  package let sizes: FlowSizes
  /// A.
  package let actionWidth: Int

  package init(
    _ sizes: FlowSizes, prefix shape: PrefixShape, actionWidth: Int, generator: Generator
  ) {
    self.sizes = sizes
    self.actionWidth = actionWidth
    prefix = PrefixEmbedding(shape, width: sizes.width, hasTag: true, generator: generator)
    trunk = (0..<sizes.layers).map { _ in
      TransformerBlock(
        width: sizes.width, heads: sizes.heads, headWidth: sizes.headWidth, generator: generator)
    }
    expert = FlowExpert(sizes, actionWidth: actionWidth, generator: generator)
    insulationHead =
      sizes.knowledgeInsulation
      ? Linear(sizes.width, saturated(sizes.chunkLength, actionWidth), generator: generator) : nil
  }

  /// The prefix without its tag, as the expert reads it.
  struct Base {
    /// Of each layer.
    var layers: [KeyValue]
    /// [B, P], false where a token is padding; nil where none is.
    var mask: Tensor?
    /// What the trunk makes of the tokens, [B, P, D], with knowledge insulation.
    var tokens: Tensor?
  }

  /// Runs the trunk over all of the prefix but the tag.
  func base(_ input: PrefixInput) -> Base {
    var (x, mask) = prefix(input)
    let keys = mask.map { $0.unsqueeze(1).unsqueeze(1) }
    var layers: [KeyValue] = []
    for (i, block) in trunk.enumerated() {
      if i == trunk.count - 1, insulationHead == nil {
        layers.append(block.keysAndValues(x))
      } else {
        let step = block(x, mask: keys)
        x = step.x
        layers.append(step.own)
      }
    }
    return Base(layers: layers, mask: mask, tokens: insulationHead == nil ? nil : x)
  }

  /// The trunk's regression of the chunk, [B, H · A], with knowledge insulation: of the mean of its tokens, the
  /// tag's among them.
  ///
  /// - Parameters:
  ///   - tag: what the trunk makes of the tags, [B, G, D]; nil where no sample has one.
  ///   - present: [B][G], false where a token is padding or the sample has no tag.
  private func regression(_ base: Base, _ tag: Tensor? = nil, present: [[Bool]] = []) -> Tensor? {
    guard let insulationHead, let tokens = base.tokens else { return nil }
    func sum(_ tokens: Tensor, _ mask: Tensor?) -> (sum: Tensor, count: Tensor) {
      let shape = [tokens.shape[0], tokens.shape[1], 1]
      let weights =
        mask.map { $0.to(tokens.dtype).unsqueeze(2) }
        ?? Tensor.ones(shape, dtype: tokens.dtype, device: tokens.device)
      return ((tokens * weights).sum(dim: 1), weights.sum(dim: 1))
    }
    let own = sum(tokens, base.mask)
    guard let tag else { return insulationHead(own.sum / own.count) }
    let seen = Tensor(
      present.flatMap { $0 }, shape: [present.count, present[0].count], device: tag.device)
    let told = sum(tag, seen)
    return insulationHead((own.sum + told.sum) / (own.count + told.count))
  }

  /// The prefix with the tag of each sample.
  struct Tagged {
    let layers: [KeyValue]
    /// [B, 1, 1, P + G + H], true where the expert may look; nil: everywhere.
    let mask: Tensor?
    let indicators: [Indicator]
    /// G; 0 where no sample has a tag.
    let tagLength: Int
    /// The trunk's regression of the chunk, [B, H · A], with knowledge insulation.
    let chunk: Tensor?
  }

  /// Appends the tags, the only place where they enter the prefix.
  func tagged(_ base: Base, _ indicators: [Indicator], _ features: TagFeatures?) -> Tagged {
    let batch = indicators.count
    require(
      batch == base.layers[0].key.shape[0],
      "FlowPolicy: \(batch) indicators for \(base.layers[0].key.shape[0]) samples")
    let device = base.layers[0].key.device
    if indicators.allSatisfy({ $0 == .none }) {
      let mask = base.mask?.pad([0, sizes.chunkLength], value: 1)
      return Tagged(
        layers: insulated(base.layers), mask: mask?.unsqueeze(1).unsqueeze(1),
        indicators: indicators, tagLength: 0, chunk: regression(base))
    }
    var (x, padding) = prefix.tags(indicators, features)
    let length = x.shape[1]
    let ones = { (width: Int) in Tensor.ones([batch, width], dtype: .bool, device: device) }
    func mask(_ tag: [[Bool]], _ after: Int) -> Tensor? {
      if base.mask == nil, tag.allSatisfy({ $0.allSatisfy { $0 } }) { return nil }
      let tag = Tensor(tag.flatMap { $0 }, shape: [batch, length], device: device)
      let first = base.mask ?? ones(base.layers[0].key.shape[2])
      return Tensor.cat([first, tag] + (after > 0 ? [ones(after)] : []), dim: 1)
        .unsqueeze(1).unsqueeze(1)
    }
    let seenByTag = mask(padding, 0)
    var layers: [KeyValue] = []
    for (i, block) in trunk.enumerated() {
      let own: KeyValue
      if i == trunk.count - 1, insulationHead == nil {
        own = block.keysAndValues(x)
      } else {
        let step = block(x, past: base.layers[i], mask: seenByTag)
        x = step.x
        own = step.own
      }
      layers.append(base.layers[i].followed(by: own))
    }
    let present = zip(indicators, padding).map { indicator, row in
      row.map { $0 && indicator != .none }
    }
    return Tagged(
      layers: insulated(layers), mask: mask(present, sizes.chunkLength), indicators: indicators,
      tagLength: length, chunk: insulationHead == nil ? nil : regression(base, x, present: present))
  }

  private func insulated(_ layers: [KeyValue]) -> [KeyValue] {
    sizes.knowledgeInsulation ? layers.map(\.detached) : layers
  }

  /// f, which is noise − action at the data's most likely: [B, H, A].
  ///
  /// - Parameters:
  ///   - noisy: a^η, [B, H, A].
  ///   - eta: η, [B].
  func velocity(_ noisy: Tensor, eta: Tensor, _ tagged: Tagged) -> Tensor {
    expert(
      noisy, changes: expert.changes(eta: eta, tagged.indicators), prefix: tagged.layers,
      mask: tagged.mask)
  }
}
