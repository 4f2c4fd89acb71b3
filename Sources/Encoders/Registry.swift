// Every family of encoders, a line each. Documentation/Porting.md tells how to add one.

extension Vision {
  static let families: [Family<any VisionEncoder>] = [
    CLIPVisionModel.family,
    SigLIPVisionModel.family,
    SigLIPVisionModel.naflex,
    DINOv2Model.family,
    DINOv2Model.familyWithRegisters,
    ViTModel.family,
  ]
}

extension Text {
  static let families: [Family<any TextEncoder>] = [
    BERTModel.family,
    CLIPTextModel.family,
    DistilBERTModel.family,
    Gemma3TextModel.family,
    MPNetModel.family,
    RoBERTaModel.family,
    SigLIPTextModel.family,
    T5EncoderModel.family,
  ]
}

/// A family of models: what `model_type` it goes by in `config.json`, and how a folder becomes one.
struct Family<Model>: Sendable {
  let modelTypes: [String]
  /// Types that could be taken for this family's, and are none.
  private(set) var refusedTypes: [String] = []
  let load: @Sendable (ModelFolder) throws -> Model

  init(_ modelTypes: String..., load: @escaping @Sendable (ModelFolder) throws -> Model) {
    self.modelTypes = modelTypes
    self.load = load
  }

  /// Types for which there is more to say than that they are not supported.
  init(refusing types: String..., because reason: String) {
    modelTypes = []
    refusedTypes = types
    load = { throw EncoderError("\($0.settings.file): \(reason).") }
  }
}
