internal import Encoders
internal import Foundation
internal import Platform
public import Torch

/// Times an encoder of any family on random images, or on random tokens where the folder's `model_type` is a
/// text encoder's.
public struct EncoderBenchmark {
  private let forward: () -> Tensor
  private let parameters: [Tensor]
  private let trains: Bool

  /// - Parameters:
  ///   - model: A folder; without weights they are drawn.
  ///   - length: Height and width of the images, or tokens of a text.
  ///   - trains: Goes backward as well, from the sum of all outputs to all parameters.
  public init(model: String, batch: Int, length: Int, trains: Bool, device: Device) throws {
    let generator = Generator(seed: 0)
    if Text.supportedModelTypes.contains(try Self.modelType(of: model)) {
      let encoder = try Text.load(model, seed: 0).model
      encoder.to(device)
      let ids = (Tensor.rand([batch, length], generator: generator) * encoder.vocabularySize)
        .to(.int64).to(device)
      forward = { encoder(ids).lastHiddenState.sum() }
      parameters = encoder.parameters()
    } else {
      let encoder = try Vision.load(model, seed: 0).model
      encoder.to(device)
      let pixels = Tensor.randn([batch, 3, length, length], generator: generator).to(device)
      forward = { encoder(pixels).lastHiddenState.sum() }
      parameters = encoder.parameters()
    }
    self.trains = trains
  }

  private static func modelType(of folder: String) throws -> String {
    let data = Data(try readFile("\(folder)/config.json", wanted: "a model's configuration"))
    let fields = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    return fields?["model_type"] as? String ?? ""
  }

  /// Seconds of each of so many passes.
  public func seconds(_ passes: Int) -> [Double] {
    (0..<passes).map { _ in
      let start = ContinuousClock.now
      if trains {
        for parameter in parameters { parameter.grad = nil }
        let loss = forward()
        loss.backward()
        _ = loss.item()  // waits for the device
      } else {
        _ = withoutGradient { forward().item() }
      }
      return (ContinuousClock.now - start) / .seconds(1)
    }
  }
}
