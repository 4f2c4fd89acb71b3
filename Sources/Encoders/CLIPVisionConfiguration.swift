/// The sizes of a CLIP vision transformer, as `config.json` gives them; defaults are ViT-B/32's.
public struct CLIPVisionConfiguration: Sendable, Hashable {
  public var hiddenSize = 768
  public var intermediateSize = 3072
  public var layerCount = 12
  public var headCount = 12
  public var channelCount = 3
  /// Side of the square images, in pixels.
  public var imageSize = 224
  /// Side of the square patches, in pixels.
  public var patchSize = 32
  public var activation = Activation.quickGELU
  public var layerNormEpsilon = 1e-5
  public var initializerRange = 0.02
  public var initializerFactor = 1.0

  public init() {}

  /// Reads a whole CLIP's nested `vision_config` (or the older `vision_config_dict`, which wins), or
  /// a vision model's flat configuration.
  init(_ settings: Settings) throws {
    var settings =
      settings.nested("vision_config_dict") ?? settings.nested("vision_config") ?? settings
    hiddenSize = settings.integer("hidden_size", default: hiddenSize)
    intermediateSize = settings.integer("intermediate_size", default: intermediateSize)
    layerCount = settings.integer("num_hidden_layers", default: layerCount)
    headCount = settings.integer("num_attention_heads", default: headCount)
    channelCount = settings.integer("num_channels", default: channelCount)
    imageSize = settings.side("image_size", default: imageSize)
    patchSize = settings.side("patch_size", default: patchSize)
    activation = settings.activation("hidden_act", default: activation)
    layerNormEpsilon = settings.number("layer_norm_eps", default: layerNormEpsilon)
    initializerRange = settings.number("initializer_range", default: initializerRange)
    initializerFactor = settings.number("initializer_factor", default: initializerFactor)
    if hiddenSize % headCount != 0 {
      settings.reject(
        "hidden_size", wanted: "a multiple of num_attention_heads, which is \(headCount)")
    }
    if patchSize > imageSize {
      settings.reject("patch_size", wanted: "at most image_size, which is \(imageSize)")
    }
    if channelCount != 3 { settings.reject("num_channels", wanted: "3: images are RGB") }
    try settings.finish()
  }
}
