import Recap
import Testing

@Suite struct ConfigurationTests {
  private let minimal = "dataset:\n  path: data\nmodel:\n  action_dim: 3\n"

  private func problems(_ yaml: String, _ assignments: [String] = []) -> [String] {
    do {
      _ = try Configuration(yaml: yaml, file: "a.yaml", assignments: assignments)
      return []
    } catch {
      return (error as? ConfigurationError)?.problems ?? ["\(error)"]
    }
  }

  @Test func twoKeysAreEnough() throws {
    let configuration = try Configuration(yaml: minimal, file: "a.yaml")
    #expect(configuration.model.actionDim == 3)
    #expect(configuration.model.visionModelName == "openai/clip-vit-base-patch32")
    #expect(configuration.training.autonomousEpochs == 20)
    #expect(!configuration.model.freezeVision)
    #expect(configuration.dataset.chunkID == nil)
  }

  @Test func numbersMayBeStrings() throws {
    let yaml =
      minimal + "training:\n  learning_rate: 1e-3\n  value_lr: '2e-3'\n  demo_epochs: '4'\n"
    let training = try Configuration(yaml: yaml, file: "a.yaml").training
    #expect(training.learningRate == 1e-3)
    #expect(training.valueLearningRate == 2e-3)
    #expect(training.demoEpochs == 4)
  }

  @Test func assignmentsAreLaidOver() throws {
    let configuration = try Configuration(
      yaml: minimal, file: "a.yaml",
      assignments: [
        "training.seed=7", "dataset.image_keys=[a, b]", "training.save_every_minutes=null",
      ])
    #expect(configuration.training.seed == 7)
    #expect(configuration.dataset.imageKeys == ["a", "b"])
    #expect(configuration.training.saveEveryMinutes == nil)
  }

  @Test func labelsMayBeFixed() throws {
    let dataset = try Configuration(
      yaml: minimal, file: "a.yaml",
      assignments: [
        "dataset.episode_type=correction", "dataset.success=false", "dataset.source=policy",
        "dataset.success_key=grasped", "dataset.human_names=[human, anna]",
      ]
    ).dataset
    #expect(dataset.episodeType == .correction && dataset.success == false)
    #expect(dataset.source == .policy && dataset.successKey == "grasped")
    #expect(dataset.humanNames == ["human", "anna"])
    #expect(dataset.defaultSuccess == nil && dataset.interventionKey == nil)
    #expect(
      problems(minimal, ["dataset.episode_type=demonstration"]) == [
        "--set dataset.episode_type: dataset.episode_type is 'demonstration'; wanted demo or correction or autonomous or null"
      ])
  }

  @Test func allProblemsAreReportedAtOnce() {
    let found = problems(
      "model:\n  action_dims: 3\ntraining:\n  gamma: 2\n  use_wandb: maybe\noptimiser:\n  x: 1\n")
    #expect(
      found == [
        "a.yaml:2: unknown key 'model.action_dims'; did you mean 'model.action_dim'?",
        "a.yaml:4: training.gamma is '2'; wanted a number from 0 to 1",
        "a.yaml:5: training.use_wandb is 'maybe'; wanted true or false",
        "a.yaml:6: unknown section 'optimiser'",
        "a.yaml: dataset.path is missing; wanted a LeRobot dataset's folder or name",
        "a.yaml: model.action_dim is missing; wanted the width of an action",
      ])
  }

  @Test func keysInTheWrongSectionAreFound() {
    #expect(
      problems(minimal + "training:\n  batch_size: 2\n")
        == ["a.yaml:6: unknown key 'training.batch_size'; did you mean 'dataset.batch_size'?"])
  }

  @Test func badYAMLNamesTheFile() {
    let found = problems("model: [1, 2\n")
    #expect(found.count == 1 && found[0].hasPrefix("a.yaml: not YAML:"))
    #expect(!found[0].contains("\n"))
  }

  @Test func inputDimMustBeHiddenDim() {
    #expect(
      problems(minimal + "value_function:\n  input_dim: 100\n")
        == ["a.yaml: value_function.input_dim is 100; wanted 512, as model.hidden_dim"])
  }

  @Test func resolvedConfigurationReadsBack() throws {
    var configuration = try Configuration(yaml: minimal, file: "a.yaml")
    configuration.dataset.path = "a \"quoted\" path: # and\n more"
    configuration.training.wandbName = "null"
    configuration.training.maxGradNorm = 1e-7
    configuration.valueFunction.hiddenDims = []
    configuration.dataset.imageKeys = ["observation.images.left", "b"]
    #expect(try Configuration(yaml: configuration.yaml, file: "b.yaml") == configuration)
  }

  @Test func everyPropertyHasAKey() {
    // Mirrors the value: a property without a field could not be configured or saved.
    var properties = 0
    for section in Mirror(reflecting: Configuration()).children {
      properties += Mirror(reflecting: section.value).children.count
    }
    #expect(properties == Configuration.fields.count)
  }
}
