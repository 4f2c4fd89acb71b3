public import Platform

/// Frames of a dataset drawn together, each with windows around it. B frames; a window has W.
public struct WindowBatch: Sendable {
  /// Which pass over the frames it belongs to, from 0.
  public let epoch: Int
  /// The batch's places in the epoch's order; a loader that begins at their upper bound goes on
  /// after it.
  public let places: Range<Int>
  /// [B], the frames, counted over all episodes of the dataset.
  public let indices: [Int]
  /// [B], the episodes' indices.
  public let episodes: [Int]
  /// [B], the frames, counted from their episodes' starts.
  public let frames: [Int]
  /// [B], the tasks in words.
  public let tasks: [String]
  /// The windows of numeric columns, by key.
  public let values: NameDictionary<Values>
  /// The windows of cameras, by key.
  public let pictures: NameDictionary<Pictures>

  public struct Values: Sendable {
    /// W.
    public let window: Int
    /// D, numbers a row.
    public let width: Int
    /// [B, W, D]; null is NaN.
    public let numbers: [Float]
    /// [B, W], whether the frame stands in for one outside the episode.
    public let isPad: [Bool]
  }

  public struct Pictures: Sendable {
    /// W.
    public let window: Int
    /// Pixels.
    public let width: Int
    /// Pixels.
    public let height: Int
    /// [B, W, height, width, 3]
    public let pixels: [UInt8]
    /// [B, W], whether the frame stands in for one outside the episode.
    public let isPad: [Bool]
  }
}
