// Every family of encoders, a line each. Documentation/Porting.md tells how to add one.

extension Vision {
  static let families: [Family<any VisionEncoder>] = [
    CLIPVisionModel.family
  ]
}

extension Text {
  static let families: [Family<any TextEncoder>] = [
    BERTModel.family,
    CLIPTextModel.family,
    DistilBERTModel.family,
    Gemma3TextModel.family,
    RoBERTaModel.family,
    SigLIPTextModel.family,
    T5EncoderModel.family,
  ]
}

/// A family of models: what `model_type` it goes by in `config.json`, and how a folder becomes one.
struct Family<Model>: Sendable {
  let modelTypes: [String]
  let load: @Sendable (ModelFolder) throws -> Model

  init(_ modelTypes: String..., load: @escaping @Sendable (ModelFolder) throws -> Model) {
    self.modelTypes = modelTypes
    self.load = load
  }
}
