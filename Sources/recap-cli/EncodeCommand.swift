internal import ArgumentParser
internal import Encoders
internal import Foundation
internal import LeRobot
internal import Platform
internal import Recap
internal import Tokenizers
internal import Torch

struct EncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Write what a vision or text encoder makes of pictures or texts, as safetensors.",
    discussion: """
      The file has "last_hidden_state" [N, L, D], and two vectors for each picture
      or text: "pooled" is what transformers calls pooler_output (of CLIP the class
      token behind the last norm; of a folder of sentence-transformers the
      embedding), and "features" what policies are trained on (of CLIP that token
      before the norm). Of a model without pooler_output, pooled is the mean of a
      text's tokens or the class token of a picture; what both are is printed.
      image_embeds and text_embeds, the projections of whole CLIPs, are not
      computed.

      Of pictures there is also "pixel_values", what image processing made of them,
      of texts "input_ids" and "attention_mask". With --hidden-states there is
      "hidden_states.0", the first layer's input, and each layer's output after
      that. Pictures are turned as their EXIF data say, as transformers' load_image
      does.

      EXAMPLE
        recap encode --model openai/clip-vit-base-patch32 --image frame.png \\
          --output features.safetensors
        recap encode --model sentence-transformers/all-MiniLM-L6-v2 \\
          --text "pick up the red block" --text "lift the red cube" \\
          --output features.safetensors
      """)

  @Option(help: ArgumentHelp("A model's folder, or its name on the hub.", valueName: "model"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "A PNG, JPEG, WebP, BMP or TIFF file; may be given again.", valueName: "file"))
  var image: [String] = []

  @Option(help: ArgumentHelp("A text; may be given again.", valueName: "text"))
  var text: [String] = []

  @Option(help: ArgumentHelp("Where the features go.", valueName: "file"))
  var output: String

  @Flag(help: "Write every layer's hidden states.")
  var hiddenStates = false

  @Flag(help: "Compute in bfloat16 (default: float32); what is written is float32.")
  var bfloat16 = false

  func validate() throws {
    guard image.isEmpty != text.isEmpty else {
      throw ValidationError("wanted --image or --text, one of the two")
    }
  }

  /// What the encoder computed, and what its vectors are.
  private struct Encoding {
    let tensors: [(name: String, tensor: Tensor)]
    let meaning: (pooled: String, features: String)
  }

  func run() throws {
    let encoding = try attempt {
      try withoutGradient { try image.isEmpty ? encodedTexts() : encodedImages() }
    }
    let tensors = encoding.tensors
    try Interruption.check()
    try Safetensors.save(
      tensors.map { name, tensor in
        (name, tensor.dtype.isFloatingPoint ? tensor.detach().to(.float32) : tensor)
      }, metadata: ["format": "pt"], to: output)
    try printOutput(
      table(
        [["tensor", "shape", "mean", "deviation"]]
          + tensors.map { name, tensor in
            [name, "\(tensor.shape)"] + figures(of: tensor.detach().to(.float32).floats)
          }))
    try printOutput("\npooled: \(encoding.meaning.pooled)\nfeatures: \(encoding.meaning.features)")
    try printOutput("\nwrote \(output)")
  }

  private func encodedImages() throws -> Encoding {
    let vision = try Vision.load(model, seed: 0)
    if let assumption = ImageProcessorConfiguration.assumption(folder: vision.folder) {
      StandardError.write("note: \(vision.folder.path): \(assumption)\n")
    }
    if bfloat16 { vision.model.to(.bfloat16) }
    let pictures = try image.map { file in
      try Interruption.check()
      let image = try Image.read(file)
      _ = try vision.processedSize(frameHeight: image.height, frameWidth: image.width)
      return vision.processor(
        image.pixels.withUnsafeBytes {
          Tensor(bytes: $0, shape: [1, image.height, image.width, 3], dtype: .uint8)
        })
    }
    if let other = pictures.first(where: { $0.shape != pictures[0].shape }) {
      throw ValidationError(
        "pictures become \(pictures[0].shape.suffix(2)) and \(other.shape.suffix(2)) pixels; "
          + "wanted pictures that become one size, or one picture at a time")
    }
    let pixels = Tensor.cat(pictures)
    let input = bfloat16 ? pixels.to(.bfloat16) : pixels
    let found = vision.model(input, hiddenStates: hiddenStates)
    let tensors = [
      ("pooled", found.pooled), ("features", vision.model.features(input)),
      ("last_hidden_state", found.lastHiddenState), ("pixel_values", pixels),
    ]
    return Encoding(
      tensors: tensors + named(found.hiddenStates), meaning: vision.model.meaning)
  }

  private func encodedTexts() throws -> Encoding {
    let encoder = try Text.load(model, seed: 0)
    if bfloat16 { encoder.model.to(.bfloat16) }
    let tokenizer = try Tokenizer.load(model)
    try tokenizer.check(for: encoder)
    let batch = try TokenBatch(text, tokenizer, for: encoder.model)
    let (ids, mask) = (batch.ids, batch.mask)
    let found = encoder.model(ids, mask: mask, hiddenStates: hiddenStates)
    let features = encoder.model.features(ids, mask: mask)
    let tensors = [
      ("pooled", found.pooled ?? features), ("features", features),
      ("last_hidden_state", found.lastHiddenState), ("input_ids", ids), ("attention_mask", mask),
    ]
    return Encoding(
      tensors: tensors + named(found.hiddenStates), meaning: encoder.model.meaning)
  }

  private func named(_ states: [Tensor]) -> [(name: String, tensor: Tensor)] {
    states.enumerated().map { ("hidden_states.\($0)", $1) }
  }

  /// Mean and deviation, by which two programs' results are compared at a glance.
  private func figures(of values: [Float]) -> [String] {
    let count = Double(max(values.count, 1))
    let mean = values.reduce(0) { $0 + Double($1) } / count
    let square = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count
    return [String(format: "%.5f", mean), String(format: "%.5f", square.squareRoot())]
  }
}
