/// The sizes and switches of a flow policy's network.
package struct FlowSizes: Sendable, Equatable {
  /// D, of the trunk's tokens.
  package var width = 256
  /// E, of the action expert's tokens.
  package var expertWidth = 256
  /// K, of the trunk and of the expert alike.
  package var layers = 4
  package var heads = 4
  /// Width of a head.
  package var headWidth = 64
  /// H, actions a chunk.
  package var chunkLength = 16
  /// Whether the indicator scales and shifts the expert's tokens, beside the tag in the prefix.
  package var indicatorModulation = true
  /// Whether no gradient flows from the expert into the trunk (arXiv 2505.23705), which a regression
  /// of the chunk then trains in its place.
  package var knowledgeInsulation = false

  package init() {}
}
