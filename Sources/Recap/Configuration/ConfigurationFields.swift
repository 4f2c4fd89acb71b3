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

  /// Of a text, a switch or a word; a number has bounds.
  init<Value: ConfigurationReadable>(
    _ key: String, _ property: WritableKeyPath<Configuration, Value> & Sendable, _ help: String,
    where isValid: (@Sendable (Value) -> Bool)? = nil, wanted: String? = nil
  ) {
    self.init(key, property, help, malformed: wanted ?? Value.wanted) {
      isValid?($0) ?? true ? nil : wanted ?? Value.wanted
    }
  }

  /// Of a number, or of several.
  init<Value: ConfigurationNumbers>(
    _ key: String, _ property: WritableKeyPath<Configuration, Value> & Sendable,
    in bounds: ConfigurationBounds<Value.Number>, _ help: String
  ) {
    self.init(
      key, property, help, malformed: bounds.wanted + (Value.canBeNull ? " or null" : "")
    ) { bounds.complaint($0.numbers, orNull: Value.canBeNull) }
  }

  /// - Parameters:
  ///   - malformed: what is wanted in place of a value of another kind.
  ///   - complaint: what is wanted in place of a value; nil where it will do.
  private init<Value: ConfigurationReadable>(
    _ key: String, _ property: WritableKeyPath<Configuration, Value> & Sendable, _ help: String,
    malformed: String, complaint: @escaping @Sendable (Value) -> String?
  ) {
    self.key = key
    self.help = help
    assign = { yaml, configuration in
      guard let value = Value(configurationValue: yaml) else { return malformed }
      if let wanted = complaint(value) { return wanted }
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
      "model.action_dim", \.model.actionDim, in: .width,
      "width of an action (required; null: the dataset's, with the flow policy)"),
    .init(
      "model.vision_model_name", \.model.visionModelName,
      "vision encoder: folder or Hugging Face name"),
    .init(
      "model.text_model_name", \.model.textModelName, "text encoder: folder or Hugging Face name"),
    .init(
      "model.hidden_dim", \.model.hiddenDim, in: .width, "width D of the fused features"),
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
      "model.lora_rank", \.model.loraRank, in: .width, "its rank (ours)"),
    .init(
      "model.lora_alpha", \.model.loraAlpha, in: .positive,
      "it is scaled by this through its rank (ours)"),
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
      "value_function.input_dim", \.valueFunction.inputDim, in: .width,
      "must equal model.hidden_dim; null: that"),
    .init(
      "value_function.hidden_dims", \.valueFunction.hiddenDims, in: .widths,
      "widths of the hidden layers"),
    .init("value_function.activation", \.valueFunction.activation, "gelu or relu"),
    .init("value_function.output_type", \.valueFunction.outputType, "scalar or distribution"),
    .init(
      "value_function.num_bins", \.valueFunction.numBins, in: .bins,
      "bins of a distribution; null: 255 on [-1, 1], 201 on [-1, 0] with the flow policy"),
    .init(
      "value_function.width", \.valueFunction.width, in: .width,
      "width of its transformer with the flow policy (ours)"),
    .init(
      "value_function.layers", \.valueFunction.layers, in: .layers, "its layers (ours)"),
    .init(
      "value_function.heads", \.valueFunction.heads, in: .layers,
      "its heads; they divide its width (ours)"),
    .init(
      "dataset.path", \.dataset.path, "LeRobot dataset: folder or Hugging Face name (required)",
      where: { $0 != "" }, wanted: "a folder or a Hugging Face name"),
    .init(
      "dataset.batch_size", \.dataset.batchSize, in: .positive.upTo(65_536), "episodes in a batch"),
    .init(
      "dataset.num_workers", \.dataset.numWorkers, in: .count.upTo(1024),
      "decoder threads; 0: one for every core"),
    .init("dataset.chunk_id", \.dataset.chunkID, "read this chunk alone, as chunk-000; null: all"),
    .init(
      "dataset.image_keys", \.dataset.imageKeys,
      "cameras; left alone: those the dataset has; []: none, with the flow policy"),
    .init("dataset.text_key", \.dataset.textKey, "column with the task's text, if there is one"),
    .init(
      "dataset.task_patterns", \.dataset.taskPatterns,
      "texts that fit one of these are one task, as [\"*fold*shirt*\"]; others each their own (ours)"
    ),
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
      "dataset.scale_floor", \.dataset.scaleFloor,
      "widen scales too small to divide by, as of a constant; false: LeRobot's bare arithmetic (ours)"
    ),
    .init(
      "dataset.held_out_fraction", \.dataset.heldOutFraction, in: .shareWithZero,
      "share of episodes kept from training (ours)"),
    .init(
      "dataset.feature_cache", \.dataset.featureCache,
      "folder of the frozen encoders' features; null: beside the dataset (ours)"),
    .init(
      "training.learning_rate", \.training.learningRate, in: .positive,
      "AdamW's rate for the policy"),
    .init(
      "training.value_lr", \.training.valueLearningRate, in: .positive,
      "AdamW's rate for the value function"),
    .init(
      "training.weight_decay", \.training.weightDecay, in: .number, "AdamW's weight decay"),
    .init("training.train_demonstrations", \.training.trainDemonstrations, "run stage 1"),
    .init("training.train_corrections", \.training.trainCorrections, "run stage 2"),
    .init("training.train_autonomous", \.training.trainAutonomous, "run stage 3"),
    .init(
      "training.demo_epochs", \.training.demoEpochs, in: .count, "epochs of stage 1"),
    .init(
      "training.correction_epochs", \.training.correctionEpochs, in: .count, "epochs of stage 2"),
    .init(
      "training.autonomous_epochs", \.training.autonomousEpochs, in: .count, "epochs of stage 3"),
    .init(
      "training.gamma", \.training.gamma, in: .fraction, "discount"),
    .init(
      "training.lambda", \.training.lambda, in: .fraction, "GAE's λ"),
    .init(
      "training.value_loss_weight", \.training.valueLossWeight, in: .number,
      "weight of the value loss"),
    .init(
      "training.policy_loss_weight", \.training.policyLossWeight, in: .number,
      "weight of the policy loss"),
    .init(
      "training.entropy_weight", \.training.entropyWeight, in: .number, "weight of the entropy"),
    .init("training.use_wandb", \.training.useWandb, "write a W&B offline run"),
    .init("training.wandb_project", \.training.wandbProject, "its project"),
    .init("training.wandb_name", \.training.wandbName, "its name; null: made up"),
    .init(
      "training.log_every", \.training.logEvery, in: .positive, "steps between metrics"),
    .init(
      "training.checkpoint_dir", \.training.checkpointDir, "where checkpoints and metrics go",
      where: { $0 != "" }, wanted: "a folder"),
    .init(
      "training.seed", \.training.seed, in: .seed,
      "seed of weights, order and held-out episodes (ours)"),
    .init(
      "training.warmup_steps", \.training.warmupSteps, in: .count,
      "steps of linear warm-up in each stage (ours)"),
    .init(
      "training.schedule", \.training.schedule,
      "constant or cosine after the warm-up, in each fit; null: constant, cosine with the flow policy (ours)"
    ),
    .init(
      "training.max_grad_norm", \.training.maxGradNorm, in: .positive,
      "clip the gradients' global norm; null: do not (ours)"),
    .init(
      "training.save_every_steps", \.training.saveEverySteps, in: .positive,
      "steps between intermediate checkpoints; null: none (ours)"),
    .init(
      "training.save_every_minutes", \.training.saveEveryMinutes, in: .positive.upTo(1e9),
      "minutes between them; null: none (ours)"),
    .init(
      "training.keep_checkpoints", \.training.keepCheckpoints, in: .positive,
      "intermediate checkpoints kept (ours)"),
    .init(
      "training.full_checkpoints", \.training.fullCheckpoints,
      "write frozen encoders' weights too (ours)"),
    .init(
      "training.threads", \.training.threads, in: .positive.upTo(1024),
      "CPU threads of libtorch; null: one a core, slower than 1 for small networks (ours)"),
    .init(
      "training.batch_frames", \.training.batchFrames, in: .positive.upTo(65_536),
      "frames in a batch of the flow policy (ours)"),
    .init(
      "training.demo_steps", \.training.demoSteps, in: .count,
      "steps of the flow policy's stage 1, pre-training (ours)"),
    .init(
      "training.correction_steps", \.training.correctionSteps, in: .count,
      "of its stage 2, all labels positive (ours)"),
    .init(
      "training.autonomous_steps", \.training.autonomousSteps, in: .count,
      "of its stage 3, on all data (ours)"),
    .init(
      "training.value_steps", \.training.valueSteps, in: .positive,
      "most steps of a value function's fit; held-out episodes may end it sooner (ours)"),
    .init(
      "policy.type", \.policy.type,
      "classic, or flow: RECAP as published (ours, as are all that follow)"),
    .init(
      "policy.width", \.policy.width, in: .width, "width of the trunk's tokens"),
    .init(
      "policy.expert_width", \.policy.expertWidth, in: .evenWidth,
      "width of the action expert's tokens"),
    .init(
      "policy.layers", \.policy.layers, in: .layers, "layers of trunk and expert"),
    .init("policy.heads", \.policy.heads, in: .layers, "attention heads"),
    .init(
      "policy.head_width", \.policy.headWidth, in: .width, "width of a head"),
    .init(
      "policy.chunk_length", \.policy.chunkLength, in: .positive.upTo(10_000), "actions a chunk"),
    .init(
      "policy.execution_horizon", \.policy.executionHorizon, in: .positive.upTo(10_000),
      "actions of a chunk that are carried out before the next"),
    .init(
      "policy.denoising_steps", \.policy.denoisingSteps, in: .positive.upTo(10_000),
      "steps from noise to actions"),
    .init(
      "policy.indicator_modulation", \.policy.indicatorModulation,
      "let the indicator scale and shift every layer of the expert, beside the tag"),
    .init(
      "policy.knowledge_insulation", \.policy.knowledgeInsulation,
      "let no gradient flow from the expert into the trunk"),
    .init(
      "policy.condition", \.policy.condition, "act as positive, negative or unconditional"),
    .init(
      "policy.guidance", \.policy.guidance, in: .number.upTo(1e6),
      "β of guidance when acting; 1 takes one pass"),
    .init(
      "policy.noise_scale", \.policy.noiseScale, in: .number.upTo(1000),
      "what the noise that actions are made from is multiplied by; below 1 they vary less"),
    .init(
      "recap.method", \.recap.method,
      "recap, bc_demonstrations, bc_all, filtered_bc, best_bc, positive_bc or awr"),
    .init(
      "recap.failure_cost", \.recap.failureCost, in: .number.upTo(1e6),
      "what a failure costs, in lengths of the task's longest episode"),
    .init(
      "recap.time_limit", \.recap.timeLimit, in: .positive,
      "frames a task may take; null: its longest episode"),
    .init(
      "recap.advantage_seconds", \.recap.advantageSeconds, in: .positive.upTo(1e6),
      "N of the advantage in stage 3, in seconds; pre-training sums to the end; null: 1, or advantage_steps"
    ),
    .init(
      "recap.advantage_steps", \.recap.advantageSteps, in: .positive,
      "the same in steps; null: advantage_seconds"),
    .init(
      "recap.pretraining_fraction", \.recap.pretrainingFraction, in: .share,
      "share of frames labelled positive in pre-training"),
    .init(
      "recap.positive_fraction", \.recap.positiveFraction, in: .share,
      "share of frames labelled positive in stage 3; 0.1 presses for speed"),
    .init(
      "recap.indicator", \.recap.indicator,
      "what labels frames positive: advantage, return (all of the best episodes) or success"),
    .init(
      "recap.force_corrections", \.recap.forceCorrections,
      "label the frames where a person acted positive"),
    .init(
      "recap.recorded_indicators", \.recap.recordedIndicators,
      "take the indicators that messages of style \"advantage\" in language_persistent give (LeRobot)"
    ),
    .init(
      "recap.indicator_dropout", \.recap.indicatorDropout, in: .wholeShare,
      "share of labels dropped in training"),
    .init(
      "recap.shuffle_indicators", \.recap.shuffleIndicators,
      "none; frames or stretches: shuffle the labels, a control that shows what they are worth"),
    .init(
      "recap.rounds", \.recap.rounds, in: .count.upTo(1000), "rounds of `recap iterate`"),
    .init(
      "simulation.task", \.simulation.task,
      "simulated task in which `recap iterate` collects by itself; null: it waits for a robot's"),
    .init(
      "simulation.demonstrations", \.simulation.demonstrations, in: .positive.upTo(1_000_000),
      "demonstrations that it collects where dataset.path names none"),
    .init(
      "simulation.autonomous_episodes", \.simulation.autonomousEpisodes, in: .episodes,
      "episodes of the policy alone in each round"),
    .init(
      "simulation.correction_episodes", \.simulation.correctionEpisodes, in: .episodes,
      "episodes in each round that an expert takes over when they go wrong"),
    .init(
      "simulation.use_cameras", \.simulation.usesCameras,
      "record cameras and see by them; false: the state alone"),
  ]
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
