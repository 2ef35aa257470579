namespace HashMatch.Gate.Comparing;

/// <summary>Nothing can be said of the change: something could not be measured.</summary>
internal sealed class GateException(string message) : Exception(message);
