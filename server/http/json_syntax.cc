#include "server/http/json_syntax.h"

#include <algorithm>
#include <bitset>
#include <cctype>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "matcher/text/normalize.h"

namespace gradmatch {
namespace {

absl::Status ErrorAt(std::string_view reason, std::string_view text, size_t at,
                     int64_t first_line, std::string_view what) {
  const std::string_view before = text.substr(0, at);
  const auto line = std::count(before.begin(), before.end(), '\n') + first_line;
  const size_t newline = before.rfind('\n');
  const size_t column =
      at - (newline == std::string_view::npos ? 0 : newline + 1) + 1;
  return MakeError(
      absl::StatusCode::kInvalidArgument, reason,
      absl::StrCat("请求正文第 ", line, " 行第 ", column, " 字节：", A(what)),
      {{"line", absl::StrCat(line)}, {"column", absl::StrCat(column)}});
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Reads values one after the other and keeps the kinds of those that are open.
// Only their first members are reached by recursion, so kMaxJsonDepth bounds
// it.
class Scanner {
 public:
  Scanner(std::string_view text, int64_t first_line)
      : text_(text), first_line_(first_line) {}

  absl::Status Run() {
    const char* problem = Value();
    while (problem == nullptr && depth_ > 0) problem = Next();
    if (problem == nullptr) {
      Space();
      if (AtEnd()) return absl::OkStatus();
      problem = "JSON 值之后还有多余的内容";
    }
    return ErrorAt(kJsonInvalid, text_, std::min(at_, text_.size()),
                   first_line_, problem);
  }

 private:
  static constexpr const char* kEnd = "JSON 在这里中断，不完整";

  char Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool AtEnd() const { return at_ >= text_.size(); }
  void Space() {
    while (!AtEnd() && (text_[at_] == ' ' || text_[at_] == '\t' ||
                        text_[at_] == '\n' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool Take(char c) {
    if (Peek() != c || AtEnd()) return false;
    ++at_;
    return true;
  }

  // After a value within an array or object: a comma and the next, or the end.
  const char* Next() {
    Space();
    const bool object = object_[depth_ - 1];
    if (Take(object ? '}' : ']')) {
      --depth_;
      return nullptr;
    }
    if (AtEnd()) return kEnd;
    if (!Take(',')) {
      return object ? "此处应为逗号或右花括号" : "此处应为逗号或右方括号";
    }
    return object ? Member() : Value();
  }

  const char* Member() {
    Space();
    if (AtEnd()) return kEnd;
    if (Peek() != '"') return "此处应为双引号括起的字段名";
    if (const char* problem = String()) return problem;
    Space();
    if (AtEnd()) return kEnd;
    if (!Take(':')) return "字段名之后应为冒号";
    return Value();
  }

  const char* Open(bool object) {
    ++at_;
    if (depth_ == kMaxJsonDepth) return "嵌套过深，最多 64 层";
    object_[depth_++] = object;
    Space();
    if (Take(object ? '}' : ']')) {
      --depth_;
      return nullptr;
    }
    return object ? Member() : Value();
  }

  const char* Value() {
    Space();
    if (AtEnd()) return kEnd;
    switch (Peek()) {
      case '{':
        return Open(true);
      case '[':
        return Open(false);
      case '"':
        return String();
      case 't':
        return Word("true");
      case 'f':
        return Word("false");
      case 'n':
        return Word("null");
      default:
        return Number();
    }
  }

  const char* Word(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) {
      return "此处应为 JSON 值（字符串要用双引号）";
    }
    at_ += word.size();
    return nullptr;
  }

  const char* Number() {
    const size_t begin = at_;
    Take('-');
    if (!IsDigit(Peek())) {
      at_ = begin;
      return "此处应为 JSON 值（字符串要用双引号）";
    }
    if (!Take('0')) Digits();
    if (IsDigit(Peek())) return "数字不能以 0 开头；代码请写成字符串";
    if (Take('.') && !Digits()) return "小数点之后应为数字";
    if (Peek() == 'e' || Peek() == 'E') {
      ++at_;
      if (!Take('+')) Take('-');
      if (!Digits()) return "指数应为数字";
    }
    return nullptr;
  }
  bool Digits() {
    const size_t begin = at_;
    while (IsDigit(Peek())) ++at_;
    return at_ > begin;
  }

  const char* String() {
    ++at_;
    for (; !AtEnd(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return nullptr;
      }
      if (static_cast<unsigned char>(c) < 0x20) {
        return "字符串内的控制字符（如换行）要转义";
      }
      if (c != '\\') continue;
      ++at_;
      if (AtEnd()) break;
      if (text_[at_] == 'u') {
        for (int i = 1; i <= 4; ++i) {
          if (at_ + i >= text_.size()) break;
          if (!std::isxdigit(static_cast<unsigned char>(text_[at_ + i]))) {
            return "\\u 之后应为四位十六进制数字";
          }
        }
        at_ += 4;
      } else if (std::string_view("\"\\/bfnrt").find(text_[at_]) ==
                 std::string_view::npos) {
        return "没有这样的转义";
      }
    }
    return kEnd;
  }

  const std::string_view text_;
  const int64_t first_line_;
  size_t at_ = 0;
  int depth_ = 0;
  std::bitset<kMaxJsonDepth> object_;
};

}  // namespace

absl::Status CheckJsonSyntax(std::string_view text, int64_t first_line) {
  const std::optional<size_t> bad = FindInvalidUtf8(text);
  if (bad.has_value()) {
    return ErrorAt(kEncodingInvalid, text, *bad, first_line,
                   "不是 UTF-8；请把正文转为 UTF-8 编码再发送");
  }
  return Scanner(text, first_line).Run();
}

}  // namespace gradmatch
