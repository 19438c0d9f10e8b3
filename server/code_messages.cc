#include "server/code_messages.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/codes/name_key.h"
#include "server/resource_name.h"

namespace gradmatch {

v1::CodeSystem ToCodeSystem(const RegisteredTable& registered) {
  const CodeTable& table = *registered.table;
  v1::CodeSystem system;
  system.set_name(absl::StrCat("codeSystems/", table.system()));
  system.set_system(table.system());
  system.set_version(table.version());
  system.set_display_name(table.info().display_name);
  system.set_codes(static_cast<int32_t>(table.entries().size()));
  for (int32_t level = 1; level <= table.max_level(); ++level) {
    const auto& names = table.info().levels;
    system.add_levels(level <= static_cast<int32_t>(names.size())
                          ? names[level - 1]
                          : absl::StrCat("第 ", level, " 级"));
  }
  system.set_current(registered.current);
  system.set_built_in(registered.built_in);
  return system;
}

v1::Code ToCode(const CodeTable& table, const CodeEntry& entry) {
  v1::Code code;
  code.set_system(table.system());
  code.set_version(table.version());
  code.set_code(std::string(entry.code));
  code.set_display(std::string(entry.name));
  return code;
}

v1::CodeInfo ToCodeInfo(const CodeTable& table, const CodeEntry& entry) {
  v1::CodeInfo info;
  *info.mutable_code() = ToCode(table, entry);
  if (const CodeEntry* parent = table.Parent(entry)) {
    info.set_parent(std::string(parent->code));
  }
  info.set_level(entry.level);
  ForEachPart(entry.aliases, '|', [&](std::string_view alias) {
    info.add_aliases(std::string(alias));
  });
  info.set_successor(std::string(entry.successor));
  return info;
}

absl::StatusOr<std::string> ParseCodeSystemName(std::string_view field,
                                                std::string_view name) {
  auto ids = ParseResourceName(field, "codeSystems/{code_system}", name);
  if (!ids.ok()) return ids.status();
  return ids->back();
}

absl::StatusOr<const CodeTable*> FindNamedTable(std::string_view field,
                                                std::string_view name,
                                                std::string_view version) {
  const auto system = ParseCodeSystemName(field, name);
  if (!system.ok()) return system.status();
  if (const CodeTable* table = CodeTable::Get(*system, version)) return table;
  std::string known;
  for (const RegisteredTable& one : ListCodeTables()) {
    if (!version.empty() && one.table->system() == *system) {
      absl::StrAppend(&known, known.empty() ? "" : ", ", one.table->version());
    } else if (version.empty() && one.current) {
      absl::StrAppend(&known, known.empty() ? "" : ", ", one.table->system());
    }
  }
  return MakeError(
      absl::StatusCode::kNotFound, kCodeSystemNotFound,
      absl::StrCat("没有代码体系 ", *system, version.empty() ? "" : " 的版本 ",
                   A(version), "；现有：", known,
                   "。可用 gradmatch code import 导入"),
      {{"system", *system}, {"version", std::string(version)}});
}

absl::StatusOr<const CodeEntry*> FindNamedCode(std::string_view field,
                                               const CodeTable& table,
                                               std::string_view code) {
  if (const CodeEntry* entry = table.Find(code, CodeTable::Former::kFollow)) {
    return entry;
  }
  FieldError error;
  error.field = std::string(field);
  error.value = std::string(code);
  error.allowed = absl::StrCat("体系 ", table.system(), " 版本 ",
                               table.version(), " 中的代码");
  const auto nearest = table.Nearest(code, 1);
  if (!nearest.empty()) error.nearest = Describe(*nearest[0]);
  return InvalidField(code.empty() ? kFieldMissing : kCodeUnknown, error);
}

}  // namespace gradmatch
