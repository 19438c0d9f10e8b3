#include "server/code_import.h"

#include <algorithm>
#include <cctype>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/code_table_store.h"
#include "index/keys.h"
#include "matcher/ingest/field_checks.h"
#include "server/code_messages.h"
#include "server/idempotency.h"

namespace gradmatch {
namespace {

constexpr size_t kMaxTable = 3 << 20;
constexpr size_t kMaxDisplayName = 200;
constexpr int kMaxLost = 1'000;

absl::Status Wrong(std::string_view reason, std::string_view field,
                   std::string_view value, std::string_view allowed) {
  FieldError error;
  error.field = std::string(field);
  error.value = std::string(value);
  error.allowed = std::string(allowed);
  return InvalidField(reason, error);
}

bool IsSystem(std::string_view system) {
  return std::islower(static_cast<unsigned char>(system[0])) != 0 &&
         std::all_of(system.begin(), system.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '-';
         });
}

absl::Status CheckFields(std::string_view system,
                         const v1::ImportCodesRequest& request) {
  if (!IsSystem(system)) {
    return Wrong(kNameInvalid, "name", request.name(),
                 "codeSystems/{体系}，体系以小写字母开头，限 A-Z a-z 0-9 -");
  }
  if (request.version().empty() || !IsValidId(request.version())) {
    return Wrong(request.version().empty() ? kFieldMissing : kFieldInvalid,
                 "version", request.version(),
                 "1 至 64 个字符，限 A-Z a-z 0-9 . _ ~ -，例如 moe-2026");
  }
  if (HasControlCharacters(request.display_name())) {
    return Wrong(kFieldInvalid, "display_name", request.display_name(),
                 "不含换行等控制字符的名称");
  }
  if (CountCharacters(request.display_name()) > kMaxDisplayName) {
    return Wrong(kFieldTooLong, "display_name", request.display_name(),
                 absl::StrCat("至多 ", kMaxDisplayName, " 个字符"));
  }
  if (request.table().empty()) {
    return Wrong(kFieldMissing, "table", "",
                 "每行一个代码：代码、上级代码、级别、名称、别名、说明、后继"
                 "代码，用制表符隔开");
  }
  if (request.table().size() > kMaxTable) {
    return Wrong(kFieldTooLong, "table",
                 absl::StrCat(request.table().size(), " 字节"),
                 absl::StrCat("至多 ", kMaxTable, " 字节"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<CodeTable>> ReadTable(
    std::string_view system, const v1::ImportCodesRequest& request) {
  CodeTableInfo info;
  info.system = std::string(system);
  info.version = request.version();
  info.display_name = request.display_name();
  if (const CodeTable* before = CodeTable::Get(system)) {
    info.levels = before->info().levels;
    if (info.display_name.empty()) {
      info.display_name = before->info().display_name;
    }
  }
  auto table = CodeTable::Parse(std::move(info), request.table());
  if (!table.ok()) return table.status();
  if ((*table)->entries().empty()) {
    return Wrong(kCodeTableInvalid, "table", "没有一个有效代码",
                 "至少一行有效代码");
  }
  return table;
}

void ListLost(const CodeTable& next, v1::ImportCodesResponse& response) {
  const CodeTable* before = CodeTable::Get(next.system());
  if (before == nullptr) return;
  for (const CodeEntry& entry : before->entries()) {
    if (response.lost_codes_size() == kMaxLost) return;
    if (next.Find(entry.code, CodeTable::Former::kFollow) == nullptr) {
      response.add_lost_codes(std::string(entry.code));
    }
  }
}

}  // namespace

absl::Status ImportCodes(const Engine& engine, const RpcContext& rpc,
                         const v1::ImportCodesRequest& request,
                         v1::ImportCodesResponse& response) {
  const auto system = ParseCodeSystemName("name", request.name());
  if (!system.ok()) return system.status();
  absl::Status fields = CheckFields(*system, request);
  if (!fields.ok()) return fields;
  const auto import = [&](const AnswerLog& answers) -> absl::Status {
    auto table = ReadTable(*system, request);
    if (!table.ok()) return table.status();
    ListLost(**table, response);
    *response.mutable_code_system() =
        ToCodeSystem({.table = table->get(), .current = true});
    CodeTableStore::Import import{.table = *std::move(table),
                                  .replace = request.replace()};
    if (request.validate_only()) return engine.code_tables.Check(import);
    return engine.code_tables.Put(std::move(import), [&](WriteBatch& batch) {
      answers.AddTo(batch, response);
    });
  };
  // What only asks has no answer to keep.
  if (request.validate_only()) return import(AnswerLog());
  return RunIdempotent(engine.requests, rpc, request, response, import);
}

}  // namespace gradmatch
