import Foundation
import Testing
import Torch

/// `recap encode`: what it writes and what it says.
@Suite struct EncodeTests {
  private let examples = Command.repository + "/Examples"

  @Test func textsAndPictures() throws {
    let place = try Workplace()
    let texts = try Command.run(
      [
        "encode", "--model", "\(examples)/encoders/text", "--text", "push the block", "--text",
        "lift it",
        "--hidden-states", "--output", "\(place.path)/text.safetensors",
      ], in: place)
    #expect(texts.status == 0, "\(texts.errors)")
    let text = try Safetensors.load("\(place.path)/text.safetensors")
    #expect(
      text.keys.sorted() == [
        "attention_mask", "features", "hidden_states.0", "hidden_states.1", "hidden_states.2",
        "input_ids",
        "last_hidden_state", "pooled",
      ])
    #expect(text["pooled"]!.shape == [2, 64] && text["last_hidden_state"]!.shape == [2, 5, 64])
    #expect(text["hidden_states.2"]!.equal(text["last_hidden_state"]!))
    #expect(text["features"]!.equal(text["pooled"]!))

    let pictures = try Command.run(
      [
        "encode", "--model", "\(examples)/encoders/vision", "--image", "\(examples)/frame.png",
        "--bfloat16", "--output", "\(place.path)/image.safetensors",
      ], in: place)
    #expect(pictures.status == 0, "\(pictures.errors)")
    let image = try Safetensors.load("\(place.path)/image.safetensors")
    #expect(image["pooled"]!.shape == [1, 64] && image["pooled"]!.dtype == .float32)
    #expect(image["pixel_values"]!.shape == [1, 3, 96, 96])
    // CLIP's pooler_output is behind the last norm, what policies are trained on before it.
    #expect(
      image["features"]!.equal(image["last_hidden_state"]!.select(dim: 1, index: 0))
        && !image["features"]!.equal(image["pooled"]!))
    #expect(
      pictures.output.contains(
        "pooled: transformers' pooler_output, the class token behind post_layernorm"))
    #expect(pictures.output.contains("features: the class token of last_hidden_state"))
  }

  /// A picture that a camera stored on its side is encoded as it was seen.
  @Test func picturesAreTurned() throws {
    let place = try Workplace()
    let folder = Command.repository + "/Tests/LeRobotTests/Fixtures/pictures"
    func pixels(_ name: String) throws -> Tensor {
      let encoded = try Command.run(
        [
          "encode", "--model", "\(examples)/encoders/vision", "--image", "\(folder)/\(name)",
          "--output", "\(place.path)/x.safetensors",
        ], in: place)
      #expect(encoded.status == 0, "\(encoded.errors)")
      return try Safetensors.load("\(place.path)/x.safetensors")["pixel_values"]!.clone()
    }
    #expect(!(try pixels("turned_6.png").equal(pixels("turned_1.png"))))
    #expect(try pixels("turned_6.png").equal(pixels("turned_6.tif")))
  }

  @Test func whatCannotBeEncodedIsSaid() throws {
    let place = try Workplace()
    let wrong = try Command.run(
      [
        "encode", "--model", "\(examples)/encoders/vision", "--text", "x", "--output",
        "\(place.path)/x.safetensors",
      ], in: place)
    #expect(wrong.status == 1)
    #expect(wrong.errors.contains("model_type is \"clip_vision_model\"; text encoders are of type"))
    let nothing = try Command.run(
      [
        "encode", "--model", "\(examples)/encoders/text", "--output", "\(place.path)/x.safetensors",
      ], in: place)
    #expect(nothing.errors.contains("wanted --image or --text"))
    #expect(!FileManager.default.fileExists(atPath: "\(place.path)/x.safetensors"))
  }
}
