#include "index/code_table_store.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gradmatch/v1/storage.pb.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/strings.h"
#include "index/codes/code_registry.h"
#include "index/keys.h"

namespace gradmatch {
namespace {

absl::StatusOr<std::unique_ptr<CodeTable>> ParseStored(
    const v1::StoredCodeTable& stored) {
  CodeTableInfo info;
  info.system = stored.system();
  info.version = stored.version();
  info.display_name = stored.display_name();
  if (const CodeTable* built_in = CodeTable::BuiltIn(info.system)) {
    info.levels = built_in->info().levels;
  }
  return CodeTable::Parse(std::move(info), stored.table());
}

}  // namespace

absl::StatusOr<std::unique_ptr<CodeTableStore>> CodeTableStore::Open(
    Store& store, const Clock& clock) {
  std::unique_ptr<CodeTableStore> tables(new CodeTableStore(store, clock));
  absl::Status status = tables->Load();
  if (!status.ok()) return status;
  return tables;
}

absl::Status CodeTableStore::Load() {
  MutexLock lock(mu_);
  std::vector<v1::StoredCodeTable> stored;
  const std::unique_ptr<Cursor> cursor = store_.Scan(Family::kCodeTable, {});
  for (; cursor->Valid(); cursor->Next()) {
    if (!stored.emplace_back().ParseFromArray(
            cursor->value().data(), static_cast<int>(cursor->value().size()))) {
      return absl::DataLossError(
          absl::StrCat("code table ", A(cursor->key()), " does not parse"));
    }
  }
  if (!cursor->status().ok()) return cursor->status();
  std::sort(stored.begin(), stored.end(), [](const auto& a, const auto& b) {
    return a.sequence() < b.sequence();
  });
  std::vector<std::unique_ptr<CodeTable>> tables;
  for (const v1::StoredCodeTable& one : stored) {
    auto table = ParseStored(one);
    if (!table.ok()) {
      return absl::DataLossError(absl::StrCat("code table ", one.system(), "/",
                                              one.version(), ": ",
                                              table.status().message()));
    }
    tables.push_back(*std::move(table));
    last_sequence_ = one.sequence();
  }
  return SetImportedCodeTables(std::move(tables));
}

absl::Status CodeTableStore::Check(const Import& import) const {
  const CodeTable& table = *import.table;
  absl::Status fits = CanRegisterCodeTable(table);
  if (!fits.ok()) return fits;
  if (import.replace ||
      CodeTable::Get(table.system(), table.version()) == nullptr) {
    return absl::OkStatus();
  }
  return MakeError(
      absl::StatusCode::kAlreadyExists, kAlreadyExists,
      absl::StrCat("代码体系 ", table.system(), " 已有版本 ", table.version(),
                   "；请换一个版本名，或用 replace 替换它"),
      {{"system", table.system()}, {"version", table.version()}});
}

absl::Status CodeTableStore::Put(Import import,
                                 const std::function<void(WriteBatch&)>& also) {
  MutexLock lock(mu_);
  absl::Status may = Check(import);
  if (!may.ok()) return may;
  const CodeTable& table = *import.table;
  v1::StoredCodeTable stored;
  stored.set_system(table.system());
  stored.set_version(table.version());
  stored.set_display_name(table.info().display_name);
  stored.set_table(table.text());
  stored.set_sequence(last_sequence_ + 1);
  stored.set_import_time_micros(absl::ToUnixMicros(clock_.Now()));
  WriteBatch batch;
  batch.Put(Family::kCodeTable, CodeTableKey(table.system(), table.version()),
            stored.SerializeAsString());
  also(batch);
  absl::Status written = store_.Write(batch, Durability::kSynced);
  if (!written.ok()) return written;
  ++last_sequence_;
  return RegisterCodeTable(std::move(import.table));
}

}  // namespace gradmatch
