/// Everything a run depends on, with the classic recipe's values as defaults.
///
/// Keys and defaults are those of the PyTorch project `pi06` (its `recap_config.yaml`); what this project
/// adds is off by default. `ConfigurationFields.swift` maps every key of the YAML file to its property.
public struct Configuration: Sendable, Equatable {
  public var model = Model()
  public var tokenizer = Tokenizer()
  public var valueFunction = ValueFunction()
  public var dataset = Dataset()
  public var training = Training()
  public var policy = Policy()
  public var recap = Recap()
  public var simulation = Simulation()

  public init() {}

  /// The policy network.
  public struct Model: Sendable, Equatable {
    public var actionDim: Int?
    public var visionModelName = "openai/clip-vit-base-patch32"
    public var textModelName = "bert-base-uncased"
    public var hiddenDim = 512
    public var freezeVision = false
    public var freezeText = false
    /// What frozen encoders compute in.
    public var frozenDtype = Precision.float32
    /// Patterns of parameters' names.
    public var freeze: [String] = []
    /// Patterns of the names of Linears.
    public var lora: [String] = []
    public var loraRank = 8
    public var loraAlpha = 16.0
    public var useAdvantageConditioning = true
    public var useQualityConditioning = true
    public var useState = false
    public var useAllCameras = false
  }

  /// Where the tokenizer and the image processor come from; nil means the model's own.
  public struct Tokenizer: Sendable, Equatable {
    public var textModelName: String?
    public var visionModelName: String?
  }

  /// The value function's network.
  public struct ValueFunction: Sendable, Equatable {
    /// Must equal `model.hidden_dim` when given.
    public var inputDim: Int?
    public var hiddenDims = [512, 256]
    public var activation = Activation.gelu
    public var outputType = OutputType.scalar
    /// Nil: 255 with the classic policy, 201 with the flow policy.
    public var numBins: Int?
    public var width = 128
    public var layers = 2
    public var heads = 4
  }

  /// The flow policy: its network, and how it acts.
  public struct Policy: Sendable, Equatable {
    public var type = PolicyType.classic
    public var width = 256
    public var expertWidth = 256
    public var layers = 4
    public var heads = 4
    public var headWidth = 64
    public var chunkLength = 16
    public var executionHorizon = 8
    public var denoisingSteps = 5
    public var indicatorModulation = true
    public var knowledgeInsulation = false
    public var condition = Condition.positive
    public var guidance = 1.0
    public var noiseScale = 1.0
  }

  /// RECAP as published: labels and stages of the flow policy.
  public struct Recap: Sendable, Equatable {
    public var method = Arm.recap
    public var failureCost = 1.0
    public var timeLimit: Int?
    /// Nil: what `advantageSeconds` says.
    public var advantageSteps: Int?
    /// Nil: 1, where `advantageSteps` says nothing.
    public var advantageSeconds: Double?
    public var pretrainingFraction = 0.3
    public var positiveFraction = 0.4
    public var indicator = IndicatorRule.advantage
    public var forceCorrections = true
    public var recordedIndicators = true
    public var indicatorDropout = 0.3
    public var shuffleIndicators = IndicatorShuffle.none
    public var rounds = 2
  }

  /// What `recap iterate` does by itself in a simulated task.
  public struct Simulation: Sendable, Equatable {
    /// Nil: rounds wait for episodes of a robot.
    public var task: String?
    public var demonstrations = 200
    public var autonomousEpisodes = 200
    public var correctionEpisodes = 60
    public var usesCameras = false
  }

  public enum Activation: String, Sendable, CaseIterable, Encodable { case gelu, relu }
  public enum OutputType: String, Sendable, CaseIterable, Encodable { case scalar, distribution }
  public enum ActionNormalization: String, Sendable, CaseIterable, Encodable {
    case none
    case meanStd = "mean_std"
    case minMax = "min_max"
    case quantiles, quantile10
  }
  public enum EpisodeType: String, Sendable, CaseIterable, Encodable {
    case demo, correction, autonomous
  }
  public enum Source: String, Sendable, CaseIterable, Encodable { case human, policy }
  public enum Precision: String, Sendable, CaseIterable, Encodable {
    case float32, bfloat16, float16
  }
  public enum PolicyType: String, Sendable, CaseIterable, Encodable { case classic, flow }
  public enum Condition: String, Sendable, CaseIterable, Encodable {
    case positive, negative, unconditional
  }
  public enum Schedule: String, Sendable, CaseIterable, Encodable { case constant, cosine }

  /// The demonstrations, corrections and autonomous episodes.
  public struct Dataset: Sendable, Equatable {
    public static let defaultImageKeys = ["observation.images.main"]

    public var path: String?
    public var batchSize = 1
    public var numWorkers = 0
    public var chunkID: String?
    public var imageKeys = Dataset.defaultImageKeys
    public var textKey = "instruction"
    /// Patterns of texts; those that fit one are one task.
    public var taskPatterns: [String] = []
    public var actionKey = "action"
    public var stateKey = "observation.state"
    public var rewardKey = "reward"
    public var doneKey = "done"
    public var successKey: String?
    public var interventionKey: String?
    public var episodeType: EpisodeType?
    public var success: Bool?
    public var defaultSuccess: Bool?
    public var source: Source?
    public var humanNames = ["human"]
    /// Nil: none with the classic policy, mean_std with the flow policy.
    public var normalizeActions: ActionNormalization?
    public var scaleFloor = true
    public var heldOutFraction = 0.0
    public var featureCache: String?
  }

  /// The three stages.
  public struct Training: Sendable, Equatable {
    public var learningRate = 1e-4
    public var valueLearningRate = 1e-4
    public var weightDecay = 0.0
    public var trainDemonstrations = true
    public var trainCorrections = true
    public var trainAutonomous = true
    public var demoEpochs = 10
    public var correctionEpochs = 5
    public var autonomousEpochs = 20
    public var gamma = 0.99
    public var lambda = 0.95
    public var valueLossWeight = 0.5
    public var policyLossWeight = 1.0
    public var entropyWeight = 0.01
    public var useWandb = true
    public var wandbProject = "recap"
    public var wandbName: String?
    public var logEvery = 100
    public var checkpointDir = "./checkpoints"
    public var seed = 0
    public var warmupSteps = 0
    /// Nil: constant with the classic policy, cosine with the flow policy.
    public var schedule: Schedule?
    public var maxGradNorm: Double?
    public var saveEverySteps: Int?
    public var saveEveryMinutes: Double? = 10
    public var keepCheckpoints = 2
    public var fullCheckpoints = false
    /// Nil: one a core.
    public var threads: Int?
    public var batchFrames = 64
    public var demoSteps = 3000
    public var correctionSteps = 1000
    public var autonomousSteps = 3000
    public var valueSteps = 2000
  }
}

extension Configuration {
  /// The width of an action, which the flow policy's configuration may leave to the data.
  func requiredActionDim() throws -> Int {
    if let width = model.actionDim { return width }
    throw ConfigurationError(problems: ["model.action_dim is null; wanted the width of an action"])
  }

  /// The dataset, which rounds in a simulated task may leave to be collected.
  func requiredDatasetPath() throws -> String {
    if let path = dataset.path { return path }
    throw ConfigurationError(problems: [
      "dataset.path is missing; wanted a LeRobot dataset's folder or name"
    ])
  }
}
