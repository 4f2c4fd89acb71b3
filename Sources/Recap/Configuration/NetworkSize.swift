internal import Foundation
internal import Torch

extension Configuration {
  /// Refuses networks whose numbers no memory here holds, before the first of them is made.
  ///
  /// Counted are the large matrices of the policy and the value function, without encoders: at least so
  /// much is needed.
  ///
  /// - Parameter bytesPerParameter: 4 to act; 16 to train, with a gradient and AdamW's two averages.
  func checkNetworkSize(bytesPerParameter: Double) throws {
    let needed = leastParameterCount * bytesPerParameter
    let memory = Double(Runtime.hostMemory)
    guard needed > memory else { return }
    throw ConfigurationError(problems: [
      "networks of \(networkSizes) "
        + String(
          format:
            "have %.3g parameters or more, which need more than %.3g GB of memory; this machine "
            + "has %.3g GB: try smaller ones", leastParameterCount, needed / 1e9, memory / 1e9)
    ])
  }

  /// In floating point: what a file says may overflow.
  private var leastParameterCount: Double {
    let actions = Double(model.actionDim ?? 1)
    guard policy.type == .flow else {
      let widths = ([model.hiddenDim] + valueFunction.hiddenDims).map { Double($0) }
      let bins = valueFunction.outputType == .scalar ? 1 : Double(valueFunction.numBins ?? 255)
      let hidden = widths[0]
      return 3 * hidden * hidden + 512 * hidden + 512 * actions
        + zip(widths, widths.dropFirst() + [bins]).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let (width, expert) = (Double(policy.width), Double(policy.expertWidth))
    let inner = Double(policy.heads) * Double(policy.headWidth)
    let layers = Double(policy.layers)
    let chunk = Double(policy.chunkLength)
    let value = Double(valueFunction.width)
    return layers * (4 * width * inner + 8 * width * width)
      + layers * (4 * expert * inner + 12 * expert * expert) + chunk * expert
      + 2 * actions * expert + (policy.knowledgeInsulation ? width * chunk * actions : 0)
      + Double(valueFunction.layers) * 12 * value * value
      + value * Double(valueFunction.numBins ?? 201)
  }
}
