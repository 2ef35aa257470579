using HashMatch.Pdq;

namespace HashMatch.Imaging.Drawn;

/// <summary>A picture that was drawn, as a file.</summary>
/// <param name="File">Its bytes.</param>
/// <param name="Hash">Of its pixels before they were encoded: what encoding loses moves it by a few bits.</param>
internal sealed record DrawnPicture(byte[] File, PdqResult Hash);
