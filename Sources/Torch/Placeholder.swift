import CTorch
public func torchPlaceholder() -> Int { Int(ct_placeholder()) }
