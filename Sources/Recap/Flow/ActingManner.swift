/// How the flow policy of a checkpoint acts, without loading its networks.
public struct ActingManner: Sendable {
  /// What it is conditioned on, in words.
  public let description: String
  /// Where that is not what its configuration says, and why.
  public let remark: String?

  public init(checkpoint path: String) throws {
    let file = try ClassicCheckpoint(fileOrFolder: path)
    let condition = try ActingCondition(file, file.ownConfiguration())
    (description, remark) = (condition.description, condition.remark)
  }
}
