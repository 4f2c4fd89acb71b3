/// One key of the configuration file: its name, its property and what it means.
package struct ConfigurationField: Sendable {
  /// Dotted name, as in `--set training.seed=1`.
  package let key: String
  package let help: String
  /// Reads a YAML value into the property, or says what was wanted.
  let assign: @Sendable (ConfigurationValue, inout Configuration) -> String?
  /// The property as YAML text.
  let text: @Sendable (Configuration) -> String
  let encode:
    @Sendable (Configuration, inout KeyedEncodingContainer<ConfigurationKey>) throws -> Void

  /// Section and name of the key.
  var parts: (section: String, name: String) {
    let dot = key.firstIndex(of: ".")!
    return (String(key[..<dot]), String(key[key.index(after: dot)...]))
  }

  init<Value: ConfigurationReadable>(
    _ key: String, _ property: WritableKeyPath<Configuration, Value> & Sendable, _ help: String,
    where isValid: (@Sendable (Value) -> Bool)? = nil, wanted: String? = nil
  ) {
    self.key = key
    self.help = help
    assign = { yaml, configuration in
      guard let value = Value(configurationValue: yaml), isValid?(value) ?? true else {
        return wanted ?? Value.wanted
      }
      configuration[keyPath: property] = value
      return nil
    }
    text = { $0[keyPath: property].configurationText }
    let name = String(key.drop { $0 != "." }.dropFirst())
    encode = { try $1.encode($0[keyPath: property], forKey: ConfigurationKey(stringValue: name)) }
  }
}

extension Configuration {
  /// Every key the configuration file may have, in the order in which it is written.
  package static let fields: [ConfigurationField] = [
    .init(
      "model.action_dim", \.model.actionDim, "width of an action (required)",
      where: { $0 ?? 1 > 0 }, wanted: "a positive whole number"),
    .init(
      "model.vision_model_name", \.model.visionModelName,
      "CLIP vision encoder: folder or Hugging Face name"),
    .init(
      "model.text_model_name", \.model.textModelName, "text encoder: folder or Hugging Face name"),
    .init(
      "model.hidden_dim", \.model.hiddenDim, "width D of the fused features", where: isPositive,
      wanted: positive),
    .init("model.freeze_vision", \.model.freezeVision, "do not train the vision encoder"),
    .init("model.freeze_text", \.model.freezeText, "do not train the text encoder"),
    .init(
      "model.use_advantage_conditioning", \.model.useAdvantageConditioning,
      "condition on the advantage"),
    .init(
      "model.use_quality_conditioning", \.model.useQualityConditioning, "have a quality embedding"),
    .init("model.use_state", \.model.useState, "fuse the robot's state as well (ours)"),
    .init(
      "model.use_all_cameras", \.model.useAllCameras,
      "fuse every camera of image_keys, not only the first (ours)"),
    .init(
      "tokenizer.text_model_name", \.tokenizer.textModelName,
      "whose tokenizer; null: model.text_model_name"),
    .init(
      "tokenizer.vision_model_name", \.tokenizer.visionModelName,
      "whose image processor; null: model.vision_model_name"),
    .init(
      "value_function.input_dim", \.valueFunction.inputDim,
      "must equal model.hidden_dim; null: that"),
    .init(
      "value_function.hidden_dims", \.valueFunction.hiddenDims, "widths of the hidden layers",
      where: { $0.allSatisfy { $0 > 0 } }, wanted: "a list of positive whole numbers"),
    .init("value_function.activation", \.valueFunction.activation, "gelu or relu"),
    .init("value_function.output_type", \.valueFunction.outputType, "scalar or distribution"),
    .init(
      "value_function.num_bins", \.valueFunction.numBins, "bins of a distribution on [-1, 1]",
      where: { $0 > 1 }, wanted: "a whole number above 1"),
    .init(
      "dataset.path", \.dataset.path, "LeRobot dataset: folder or Hugging Face name (required)",
      where: { $0 != "" }, wanted: "a folder or a Hugging Face name"),
    .init(
      "dataset.batch_size", \.dataset.batchSize, "episodes in a batch", where: isPositive,
      wanted: positive),
    .init(
      "dataset.num_workers", \.dataset.numWorkers, "decoder threads; 0: one for every core",
      where: { $0 >= 0 }, wanted: "a whole number, 0 or more"),
    .init("dataset.chunk_id", \.dataset.chunkID, "read this chunk alone, as chunk-000; null: all"),
    .init("dataset.image_keys", \.dataset.imageKeys, "cameras; left alone: those the dataset has"),
    .init("dataset.text_key", \.dataset.textKey, "column with the task's text, if there is one"),
    .init("dataset.action_key", \.dataset.actionKey, "column with the action"),
    .init("dataset.state_key", \.dataset.stateKey, "column with the robot's state (ours)"),
    .init("dataset.reward_key", \.dataset.rewardKey, "column with the reward, if there is one"),
    .init("dataset.done_key", \.dataset.doneKey, "column with the done flag, if there is one"),
    .init(
      "dataset.success_key", \.dataset.successKey,
      "column that is above 0.5 in a frame of a success; null: those known (ours)"),
    .init(
      "dataset.intervention_key", \.dataset.interventionKey,
      "column that is above 0.5 where a person acts; null: those known (ours)"),
    .init(
      "dataset.episode_type", \.dataset.episodeType,
      "demo, correction or autonomous: every episode's type; null: each its own (ours)"),
    .init(
      "dataset.success", \.dataset.success,
      "whether every episode succeeded; null: each its own label (ours)"),
    .init(
      "dataset.default_success", \.dataset.defaultSuccess,
      "whether episodes without a label succeeded; null: not known (ours)"),
    .init(
      "dataset.source", \.dataset.source,
      "human or policy: who acts in every episode; null: each its own label (ours)"),
    .init(
      "dataset.human_names", \.dataset.humanNames,
      "what names a person in complementary_info.collector_policy_id (ours)"),
    .init(
      "dataset.normalize_actions", \.dataset.normalizeActions,
      "none, mean_std, min_max, quantiles or quantile10 (ours)"),
    .init(
      "dataset.held_out_fraction", \.dataset.heldOutFraction,
      "share of episodes kept from training (ours)", where: { $0 >= 0 && $0 < 1 },
      wanted: "a share from 0 to below 1"),
    .init(
      "dataset.feature_cache", \.dataset.featureCache,
      "folder of the frozen encoders' features; null: beside the dataset (ours)"),
    .init(
      "training.learning_rate", \.training.learningRate, "AdamW's rate for the policy",
      where: isFinitePositive, wanted: positiveNumber),
    .init(
      "training.value_lr", \.training.valueLearningRate, "AdamW's rate for the value function",
      where: isFinitePositive, wanted: positiveNumber),
    .init(
      "training.weight_decay", \.training.weightDecay, "AdamW's weight decay", where: isFraction,
      wanted: number),
    .init("training.train_demonstrations", \.training.trainDemonstrations, "run stage 1"),
    .init("training.train_corrections", \.training.trainCorrections, "run stage 2"),
    .init("training.train_autonomous", \.training.trainAutonomous, "run stage 3"),
    .init(
      "training.demo_epochs", \.training.demoEpochs, "epochs of stage 1", where: isCount,
      wanted: count),
    .init(
      "training.correction_epochs", \.training.correctionEpochs, "epochs of stage 2",
      where: isCount, wanted: count),
    .init(
      "training.autonomous_epochs", \.training.autonomousEpochs, "epochs of stage 3",
      where: isCount, wanted: count),
    .init(
      "training.gamma", \.training.gamma, "discount", where: { $0 >= 0 && $0 <= 1 },
      wanted: "a number from 0 to 1"),
    .init(
      "training.lambda", \.training.lambda, "GAE's λ", where: { $0 >= 0 && $0 <= 1 },
      wanted: "a number from 0 to 1"),
    .init(
      "training.value_loss_weight", \.training.valueLossWeight, "weight of the value loss",
      where: isFraction, wanted: number),
    .init(
      "training.policy_loss_weight", \.training.policyLossWeight, "weight of the policy loss",
      where: isFraction, wanted: number),
    .init(
      "training.entropy_weight", \.training.entropyWeight, "weight of the entropy",
      where: isFraction, wanted: number),
    .init("training.use_wandb", \.training.useWandb, "write a W&B offline run"),
    .init("training.wandb_project", \.training.wandbProject, "its project"),
    .init("training.wandb_name", \.training.wandbName, "its name; null: made up"),
    .init(
      "training.log_every", \.training.logEvery, "steps between metrics", where: isPositive,
      wanted: positive),
    .init(
      "training.checkpoint_dir", \.training.checkpointDir, "where checkpoints and metrics go",
      where: { $0 != "" }, wanted: "a folder"),
    .init(
      "training.seed", \.training.seed, "seed of weights, order and held-out episodes (ours)",
      where: { $0 >= 0 }, wanted: "a whole number, 0 or more"),
    .init(
      "training.warmup_steps", \.training.warmupSteps,
      "steps of linear warm-up in each stage (ours)", where: isCount, wanted: count),
    .init("training.schedule", \.training.schedule, "constant or cosine, in each stage (ours)"),
    .init(
      "training.max_grad_norm", \.training.maxGradNorm,
      "clip the gradients' global norm; null: do not (ours)", where: { $0 ?? 1 > 0 },
      wanted: "a positive number or null"),
    .init(
      "training.save_every_steps", \.training.saveEverySteps,
      "steps between intermediate checkpoints; null: none (ours)", where: { $0 ?? 1 > 0 },
      wanted: "a positive whole number or null"),
    .init(
      "training.save_every_minutes", \.training.saveEveryMinutes,
      "minutes between them; null: none (ours)", where: { $0 ?? 1 > 0 },
      wanted: "a positive number or null"),
    .init(
      "training.keep_checkpoints", \.training.keepCheckpoints,
      "intermediate checkpoints kept (ours)", where: isPositive, wanted: positive),
    .init(
      "training.full_checkpoints", \.training.fullCheckpoints,
      "write frozen encoders' weights too (ours)"),
  ]

  private static let positive = "a positive whole number"
  private static let positiveNumber = "a positive number"
  private static let number = "a number, 0 or more"
  private static let count = "a whole number, 0 or more"
  @Sendable private static func isPositive(_ value: Int) -> Bool { value > 0 }
  @Sendable private static func isCount(_ value: Int) -> Bool { value >= 0 }
  @Sendable private static func isFinitePositive(_ value: Double) -> Bool {
    value.isFinite && value > 0
  }
  @Sendable private static func isFraction(_ value: Double) -> Bool { value.isFinite && value >= 0 }
}

/// A section's or a key's name.
struct ConfigurationKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension Configuration: Encodable {
  /// Sections with their keys, as in the file; nil is written as null.
  public func encode(to encoder: any Encoder) throws {
    var root = encoder.container(keyedBy: ConfigurationKey.self)
    for section in Self.sections {
      var container = root.nestedContainer(
        keyedBy: ConfigurationKey.self, forKey: ConfigurationKey(stringValue: section))
      for field in Self.fields where field.parts.section == section {
        try field.encode(self, &container)
      }
    }
  }

  /// Sections in the order in which they are written.
  static let sections = ["model", "tokenizer", "value_function", "dataset", "training"]
}

extension Configuration {
  /// Every key with its default and meaning, as a YAML file with comments.
  public static let annotatedDefaults: String = {
    let defaults = Configuration()
    return sections.map { section in
      let rows = fields.filter { $0.parts.section == section }
        .map { ("  \($0.parts.name): \($0.text(defaults))", $0.help) }
      let width = rows.map(\.0.count).max()!
      let lines = rows.map { text, help in
        text + String(repeating: " ", count: width - text.count) + "  # " + help
      }
      return (["\(section):"] + lines).joined(separator: "\n")
    }.joined(separator: "\n")
  }()
}
