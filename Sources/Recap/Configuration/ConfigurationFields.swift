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
      "model.action_dim", \.model.actionDim,
      "width of an action (required; null: the dataset's, with the flow policy)",
      where: { $0 ?? 1 > 0 }, wanted: "a positive whole number"),
    .init(
      "model.vision_model_name", \.model.visionModelName,
      "vision encoder: folder or Hugging Face name"),
    .init(
      "model.text_model_name", \.model.textModelName, "text encoder: folder or Hugging Face name"),
    .init(
      "model.hidden_dim", \.model.hiddenDim, "width D of the fused features", where: isPositive,
      wanted: positive),
    .init("model.freeze_vision", \.model.freezeVision, "do not train the vision encoder"),
    .init("model.freeze_text", \.model.freezeText, "do not train the text encoder"),
    .init(
      "model.frozen_dtype", \.model.frozenDtype,
      "float32, bfloat16 or float16: what frozen encoders compute in (ours)"),
    .init(
      "model.freeze", \.model.freeze,
      "do not train parameters of these names, as [\"language_encoder.embeddings.*\"] (ours)"),
    .init(
      "model.lora", \.model.lora,
      "Linears of these names learn a low-rank update (LoRA), as [\"*.query\"] (ours)"),
    .init(
      "model.lora_rank", \.model.loraRank, "its rank (ours)", where: isPositive, wanted: positive),
    .init(
      "model.lora_alpha", \.model.loraAlpha, "it is scaled by this through its rank (ours)",
      where: { $0 > 0 }, wanted: "a number above 0"),
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
      "value_function.num_bins", \.valueFunction.numBins,
      "bins of a distribution; null: 255 on [-1, 1], 201 on [-1, 0] with the flow policy",
      where: { $0 ?? 2 > 1 }, wanted: "a whole number above 1 or null"),
    .init(
      "value_function.width", \.valueFunction.width,
      "width of its transformer with the flow policy (ours)", where: isPositive, wanted: positive),
    .init(
      "value_function.layers", \.valueFunction.layers, "its layers (ours)", where: isPositive,
      wanted: positive),
    .init(
      "value_function.heads", \.valueFunction.heads, "its heads; they divide its width (ours)",
      where: isPositive, wanted: positive),
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
      "none, mean_std, min_max, quantiles or quantile10; null: none, mean_std with the flow policy (ours)"
    ),
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
    .init(
      "training.threads", \.training.threads,
      "CPU threads of libtorch; null: one a core, slower than 1 for small networks (ours)",
      where: { $0 ?? 1 > 0 }, wanted: "a positive whole number or null"),
    .init(
      "training.batch_frames", \.training.batchFrames,
      "frames in a batch of the flow policy (ours)",
      where: isPositive, wanted: positive),
    .init(
      "training.demo_steps", \.training.demoSteps,
      "steps of the flow policy's stage 1, pre-training (ours)", where: isCount, wanted: count),
    .init(
      "training.correction_steps", \.training.correctionSteps,
      "of its stage 2, all labels positive (ours)", where: isCount, wanted: count),
    .init(
      "training.autonomous_steps", \.training.autonomousSteps,
      "of its stage 3, on all data (ours)", where: isCount, wanted: count),
    .init(
      "training.value_steps", \.training.valueSteps,
      "most steps of a value function's fit; held-out episodes may end it sooner (ours)",
      where: isPositive, wanted: positive),
    .init(
      "policy.type", \.policy.type,
      "classic, or flow: RECAP as published (ours, as are all that follow)"),
    .init(
      "policy.width", \.policy.width, "width of the trunk's tokens", where: isPositive,
      wanted: positive),
    .init(
      "policy.expert_width", \.policy.expertWidth, "width of the action expert's tokens",
      where: { $0 > 0 && $0 % 2 == 0 }, wanted: "a positive even number"),
    .init(
      "policy.layers", \.policy.layers, "layers of trunk and expert", where: isPositive,
      wanted: positive),
    .init("policy.heads", \.policy.heads, "attention heads", where: isPositive, wanted: positive),
    .init(
      "policy.head_width", \.policy.headWidth, "width of a head", where: isPositive,
      wanted: positive),
    .init(
      "policy.chunk_length", \.policy.chunkLength, "actions a chunk", where: isPositive,
      wanted: positive),
    .init(
      "policy.execution_horizon", \.policy.executionHorizon,
      "actions of a chunk that are carried out before the next", where: isPositive,
      wanted: positive),
    .init(
      "policy.denoising_steps", \.policy.denoisingSteps, "steps from noise to actions",
      where: isPositive, wanted: positive),
    .init(
      "policy.indicator_modulation", \.policy.indicatorModulation,
      "let the indicator scale and shift every layer of the expert, beside the tag"),
    .init(
      "policy.knowledge_insulation", \.policy.knowledgeInsulation,
      "let no gradient flow from the expert into the trunk"),
    .init(
      "policy.condition", \.policy.condition, "act as positive, negative or unconditional"),
    .init(
      "policy.guidance", \.policy.guidance, "β of guidance when acting; 1 takes one pass",
      where: { $0.isFinite && $0 >= 0 }, wanted: number),
    .init(
      "recap.method", \.recap.method,
      "recap, bc_demonstrations, bc_all, filtered_bc, best_bc, positive_bc or awr"),
    .init(
      "recap.failure_cost", \.recap.failureCost,
      "what a failure costs, in lengths of the task's longest episode", where: isFraction,
      wanted: number),
    .init(
      "recap.time_limit", \.recap.timeLimit,
      "frames a task may take; null: its longest episode", where: { $0 ?? 1 > 0 },
      wanted: "a positive whole number or null"),
    .init(
      "recap.advantage_steps", \.recap.advantageSteps,
      "N of the advantage in stage 3; pre-training sums to the end", where: isPositive,
      wanted: positive),
    .init(
      "recap.pretraining_fraction", \.recap.pretrainingFraction,
      "share of frames labelled positive in pre-training", where: isShare, wanted: share),
    .init(
      "recap.positive_fraction", \.recap.positiveFraction,
      "share of frames labelled positive in stage 3; 0.1 presses for speed", where: isShare,
      wanted: share),
    .init(
      "recap.force_corrections", \.recap.forceCorrections,
      "label the frames where a person acted positive"),
    .init(
      "recap.indicator_dropout", \.recap.indicatorDropout,
      "share of labels dropped in training", where: { $0 >= 0 && $0 <= 1 },
      wanted: "a share from 0 to 1"),
    .init(
      "recap.shuffle_indicators", \.recap.shuffleIndicators,
      "shuffle the labels: a control that shows what they are worth"),
    .init(
      "recap.rounds", \.recap.rounds, "rounds of `recap iterate`", where: isCount, wanted: count),
    .init(
      "simulation.task", \.simulation.task,
      "simulated task in which `recap iterate` collects by itself; null: it waits for a robot's"),
    .init(
      "simulation.demonstrations", \.simulation.demonstrations,
      "demonstrations that it collects where dataset.path names none", where: isPositive,
      wanted: positive),
    .init(
      "simulation.autonomous_episodes", \.simulation.autonomousEpisodes,
      "episodes of the policy alone in each round", where: isCount, wanted: count),
    .init(
      "simulation.correction_episodes", \.simulation.correctionEpisodes,
      "episodes in each round that an expert takes over when they go wrong", where: isCount,
      wanted: count),
    .init(
      "simulation.use_cameras", \.simulation.usesCameras,
      "record cameras and see by them; false: the state alone"),
  ]

  private static let positive = "a positive whole number"
  private static let share = "a share between 0 and 1"
  @Sendable private static func isShare(_ value: Double) -> Bool { value > 0 && value < 1 }
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
  static let sections = [
    "model", "tokenizer", "value_function", "dataset", "training", "policy", "recap", "simulation",
  ]
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
