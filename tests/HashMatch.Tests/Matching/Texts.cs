namespace HashMatch.Tests.Matching;

/// <summary>Texts that people write, in many scripts, and those that break naive readers.</summary>
internal static class Texts
{
    public static readonly string[] Zoo =
    [
        "plain",
        "Ünïcödé straße",
        "дело №17",
        "案件 42",
        "事件ファイル",
        "사건 파일",
        "ملف القضية",
        "תיק מקרה",
        "मामला फ़ाइल",
        "แฟ้มคดี",
        "υπόθεση",
        "საქმე",
        "vụ án",
        "👩‍👩‍👧‍👦 family",
        "a\u202Eright to left\u202C",
        "e\u0301 decomposed",
        "quote \" inside",
        "\"",
        "comma, and \"both\"",
        "line\nfeed",
        "carriage\r\nreturn",
        "tab\tbed",
        "  blanks around  ",
        "# not a comment",
        "=cmd|' /C calc'!A0",
        "../../etc/passwd",
        "\u2028separator",
        "\uFEFFmark within",
    ];
}
