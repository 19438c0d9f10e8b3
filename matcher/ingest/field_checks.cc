#include "matcher/ingest/field_checks.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/change.h"
#include "index/codes/code_table.h"
#include "matcher/text/normalize.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxErrors = 10;
constexpr size_t kMaxValueChars = 100;
constexpr size_t kMaxDisplayChars = 200;
constexpr size_t kMaxVersionChars = 64;
// 1990-01-01 and 2101-01-01, UTC.
constexpr int64_t kFirstSecond = 631'152'000;
constexpr int64_t kEndSecond = 4'133'980'800;

std::string_view WhatIsWrong(std::string_view reason) {
  if (reason == kFieldMissing) return "缺少必填内容";
  if (reason == kFieldTooLong) return "过长";
  if (reason == kFieldOutOfRange) return "超出范围";
  if (reason == kEncodingInvalid) return "不是有效的 UTF-8 文本";
  if (reason == kCodeUnknown) return "代码不存在";
  if (reason == kCodeSystemUnknown) return "代码体系不适用";
  if (reason == kDatesOutOfOrder) return "日期先后颠倒";
  return "不可用";
}

std::string JoinNames(std::span<const std::string_view> names) {
  std::string out;
  for (const std::string_view name : names) {
    absl::StrAppend(&out, out.empty() ? "" : ", ", A(name));
  }
  return out;
}

// The system a code is in: the one named, or the only one there is.
std::string_view SystemOf(const v1::Code& code,
                          std::span<const std::string_view> systems) {
  if (code.system().empty() && systems.size() == 1) return systems[0];
  return code.system();
}

}  // namespace

size_t CountCharacters(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (c & 0xC0) != 0x80; });
}

bool HasControlCharacters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

std::string CutCharacters(std::string_view text, size_t max) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] & 0xC0) != 0x80 && count++ == max) {
      return absl::StrCat(A(text.substr(0, i)), "…");
    }
  }
  return std::string(text);
}

v1::RowError MakeRowError(std::string_view reason, std::string_view field,
                          std::string_view value, std::string_view allowed,
                          std::string_view nearest) {
  v1::RowError error;
  error.set_reason(std::string(reason));
  error.set_field(std::string(field));
  error.set_value(CutCharacters(value, kMaxValueChars));
  error.set_allowed(std::string(allowed));
  error.set_nearest(std::string(nearest));
  std::string text =
      absl::StrCat("字段 ", A(field), " ", A(WhatIsWrong(reason)));
  if (!value.empty()) absl::StrAppend(&text, "：\"", error.value(), "\"");
  if (!allowed.empty()) absl::StrAppend(&text, "；允许：", A(allowed));
  if (!nearest.empty()) {
    absl::StrAppend(&text, "；最接近的有效值：", A(nearest));
  }
  error.set_message(std::move(text));
  return error;
}

std::optional<v1::RowError> CheckRevision(int64_t revision) {
  if (revision >= 0 && revision <= kMaxRevision) return std::nullopt;
  return MakeRowError(kFieldOutOfRange, "revision", absl::StrCat(revision),
                      absl::StrCat("0 至 ", kMaxRevision),
                      absl::StrCat(revision < 0 ? 0 : kMaxRevision));
}

v1::Issue MakeIssue(std::string_view code, std::string_view field,
                    std::string_view value, std::string_view message) {
  v1::Issue issue;
  issue.set_code(std::string(code));
  issue.set_field(std::string(field));
  issue.set_value(CutCharacters(value, kMaxValueChars));
  issue.set_message(std::string(message));
  return issue;
}

std::string Indexed(std::string_view list, int index, std::string_view field) {
  std::string out = absl::StrCat(A(list), "[", index, "]");
  if (!field.empty()) absl::StrAppend(&out, ".", A(field));
  return out;
}

void FieldChecks::Fail(std::string_view reason, std::string_view field,
                       std::string_view value, std::string_view allowed,
                       std::string_view nearest) {
  if (errors_.size() == kMaxErrors) return;
  errors_.push_back(MakeRowError(reason, field, value, allowed, nearest));
}

void FieldChecks::Utf8(const google::protobuf::Message& message) {
  CheckUtf8(message, "");
}

void FieldChecks::CheckUtf8(const google::protobuf::Message& message,
                            const std::string& prefix) {
  using google::protobuf::FieldDescriptor;
  const auto* reflection = message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection->ListFields(message, &fields);
  std::string scratch;
  for (const FieldDescriptor* field : fields) {
    const bool text = field->type() == FieldDescriptor::TYPE_STRING;
    if (!text && field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    }
    const int size =
        field->is_repeated() ? reflection->FieldSize(message, field) : 1;
    for (int i = 0; i < size; ++i) {
      const auto path = [&] {
        return prefix + (field->is_repeated() ? Indexed(field->name(), i)
                                              : field->name());
      };
      if (!text) {
        CheckUtf8(field->is_repeated()
                      ? reflection->GetRepeatedMessage(message, field, i)
                      : reflection->GetMessage(message, field),
                  path() + ".");
        continue;
      }
      const std::string& value =
          field->is_repeated()
              ? reflection->GetRepeatedStringReference(message, field, i,
                                                       &scratch)
              : reflection->GetStringReference(message, field, &scratch);
      if (const auto bad = FindInvalidUtf8(value); bad.has_value()) {
        Fail(kEncodingInvalid, path(), absl::StrCat("第 ", *bad, " 字节"),
             "UTF-8");
      }
    }
  }
}

void FieldChecks::Required(std::string_view field, std::string_view text) {
  const bool blank = std::all_of(text.begin(), text.end(), [](char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
  });
  if (blank) Fail(kFieldMissing, field, "", "至少一个字符");
}

void FieldChecks::Length(std::string_view field, std::string_view text,
                         size_t max_chars) {
  if (text.size() <= max_chars) return;
  const size_t chars = CountCharacters(text);
  if (chars > max_chars) {
    Fail(kFieldTooLong, field, absl::StrCat(chars, " 个字符"),
         absl::StrCat("至多 ", max_chars, " 个字符"));
  }
}

void FieldChecks::Line(std::string_view field, std::string_view text,
                       size_t max_chars) {
  Length(field, text, max_chars);
  if (HasControlCharacters(text)) {
    Fail(kFieldInvalid, field, "", "不含换行等控制字符");
  }
}

void FieldChecks::Count(std::string_view field, int64_t count, int64_t max) {
  if (count > max) {
    Fail(kFieldTooLong, field, absl::StrCat(count, " 项"),
         absl::StrCat("至多 ", max, " 项"));
  }
}

void FieldChecks::Range(std::string_view field, int64_t value, int64_t min,
                        int64_t max) {
  if (value < min || value > max) {
    Fail(kFieldOutOfRange, field, absl::StrCat(value),
         absl::StrCat(min, " 至 ", max),
         absl::StrCat(std::clamp(value, min, max)));
  }
}

void FieldChecks::Time(std::string_view field,
                       const google::protobuf::Timestamp& time) {
  if (time.nanos() < 0 || time.nanos() > 999'999'999) {
    Fail(kFieldInvalid, field, absl::StrCat(time.nanos(), " 纳秒"),
         "0 至 999999999 纳秒");
  } else if (time.seconds() < kFirstSecond || time.seconds() >= kEndSecond) {
    Fail(kFieldOutOfRange, field, absl::StrCat(time.seconds(), " 秒"),
         "1990 年至 2100 年");
  }
}

void FieldChecks::Code(std::string_view field, const v1::Code& code,
                       std::span<const std::string_view> systems) {
  Length(absl::StrCat(A(field), ".display"), code.display(), kMaxDisplayChars);
  Line(absl::StrCat(A(field), ".version"), code.version(), kMaxVersionChars);
  if (code.code().empty()) return;
  const std::string_view system = SystemOf(code, systems);
  if (std::find(systems.begin(), systems.end(), system) == systems.end()) {
    Fail(kCodeSystemUnknown, absl::StrCat(A(field), ".system"), code.system(),
         JoinNames(systems), systems[0]);
    return;
  }
  const CodeTable* table = CodeTable::Get(system);
  if (table == nullptr) {
    Fail(kCodeSystemUnknown, absl::StrCat(A(field), ".system"), system,
         JoinNames(systems), systems[0]);
    return;
  }
  if (table->Find(code.code(), CodeTable::Former::kFollow) != nullptr) return;
  const auto nearest =
      table->Nearest(code.display().empty() ? code.code() : code.display(), 1);
  Fail(kCodeUnknown, absl::StrCat(A(field), ".code"), code.code(),
       absl::StrCat("体系 ", A(system), " 中的代码"),
       nearest.empty() ? "" : Describe(*nearest[0]));
}

void FieldChecks::Enum(std::string_view field, int value, bool valid,
                       std::string_view allowed) {
  if (!valid) Fail(kFieldInvalid, field, absl::StrCat(value), allowed);
}

bool CompleteCode(v1::Code& code, std::span<const std::string_view> systems) {
  if (code.code().empty()) return false;
  const std::string_view system = SystemOf(code, systems);
  const CodeTable* table = CodeTable::Get(system);
  const CodeEntry* entry =
      table ? table->Find(code.code(), CodeTable::Former::kFollow) : nullptr;
  if (entry == nullptr) return false;
  const bool followed = table->Find(code.code()) == nullptr;
  code.set_system(std::string(system));
  code.set_code(std::string(entry->code));
  if (code.display().empty() || followed) {
    code.set_display(std::string(entry->name));
  }
  return followed;
}

}  // namespace gradmatch
