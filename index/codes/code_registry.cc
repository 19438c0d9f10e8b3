#include "index/codes/code_registry.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <utility>

#include "absl/strings/str_cat.h"
#include "index/base/error.h"
#include "index/base/error_reasons.h"
#include "index/base/mutex.h"
#include "index/base/strings.h"
#include "index/content_hash.h"

namespace gradmatch {
namespace {

constexpr std::array<std::string_view, 6> kBuiltInMajors = {
    "undergraduate", "gd2025-A",     "gd2025-B",
    "gd2025-C",      "postgraduate", "vocational"};

// What its codes mean is in the program: one holds another, one of a group.
constexpr std::string_view kConditions = "condition";

// What readers see; never changed once it is published.
struct View {
  // In the order of their import, which makes the last of a system current.
  std::vector<const CodeTable*> imported;
  std::vector<std::string_view> majors;
  std::string fingerprint;
};

const CodeTable* Current(const View& view, std::string_view system) {
  for (auto t = view.imported.rbegin(); t != view.imported.rend(); ++t) {
    if ((*t)->system() == system) return *t;
  }
  return nullptr;
}

bool IsBuiltIn(std::string_view system) {
  const auto all = CodeTable::BuiltInSystems();
  return std::find(all.begin(), all.end(), system) != all.end();
}

// Adds a system that majors may be of; false when there is no room.
bool AddMajors(const CodeTable& table, std::vector<std::string_view>& majors) {
  if (IsBuiltIn(table.system()) || !table.IsMajorCatalogue()) return true;
  if (std::find(majors.begin(), majors.end(), table.system()) != majors.end()) {
    return true;
  }
  if (majors.size() >= kMaxMajorSystems) return false;
  majors.push_back(table.system());
  return true;
}

std::string FingerprintOf(const std::vector<const CodeTable*>& imported) {
  if (imported.empty()) return "";
  std::string all;
  for (const CodeTable* table : imported) {
    absl::StrAppend(&all, table->system(), "/", table->version(), "/",
                    ContentHash(table->text()), "\n");
  }
  return absl::StrCat(" codes-", absl::Hex(ContentHash(all)));
}

// Places, functions and majors are compared by the characters of their codes,
// so a later version has codes of the shape the program's has.
absl::Status CheckShape(const CodeTable& built_in, const CodeTable& table) {
  std::string_view allowed;
  std::string_view seen;
  if (built_in.IsMajorCatalogue() && !table.IsMajorCatalogue()) {
    allowed = "门类 2 位、类 4 位、专业 6 位数字，下级代码以上级代码开头";
    seen = "不是专业目录的代码形式";
  }
  for (const CodeEntry& entry : table.entries()) {
    if (table.system() == "region" &&
        (entry.code.size() != 6 || entry.level > 3 ||
         entry.code.find_first_not_of("0123456789") !=
             std::string_view::npos)) {
      allowed = "6 位数字，至多三级";
      seen = entry.code;
    }
    if (table.system() == "function" &&
        (entry.code.size() != 2 * static_cast<size_t>(entry.level) ||
         entry.level > 3)) {
      allowed = "每级两个字符，至多三级";
      seen = entry.code;
    }
  }
  if (allowed.empty()) return absl::OkStatus();
  FieldError error;
  error.field = "table";
  error.value = absl::StrCat("代码 ", A(seen));
  error.allowed =
      absl::StrCat("体系 ", table.system(), " 的代码形式：", A(allowed));
  return InvalidField(kCodeTableInvalid, error);
}

class Registry {
 public:
  // Never destroyed: what it handed out lives as long as the program.
  static Registry& Process() {
    static Registry& registry = *new Registry();
    return registry;
  }

  const View& view() const { return *view_.load(std::memory_order_acquire); }

  absl::Status Check(const CodeTable& table) {
    MutexLock lock(mu_);
    std::vector<std::string_view> majors = view().majors;
    return CheckOne(table, majors);
  }

  absl::Status Add(std::unique_ptr<CodeTable> table) {
    MutexLock lock(mu_);
    View next;
    next.majors = view().majors;
    absl::Status fits = CheckOne(*table, next.majors);
    if (!fits.ok()) return fits;
    next.imported = view().imported;
    std::erase_if(next.imported, [&](const CodeTable* t) {
      return t->system() == table->system() && t->version() == table->version();
    });
    next.imported.push_back(Keep(std::move(table)));
    Publish(std::move(next));
    return absl::OkStatus();
  }

  absl::Status Set(std::vector<std::unique_ptr<CodeTable>> tables) {
    MutexLock lock(mu_);
    View next;
    // A system's place is not given to another: keys made of it may be about.
    next.majors = view().majors;
    for (const auto& table : tables) {
      absl::Status fits = CheckOne(*table, next.majors);
      if (!fits.ok()) return fits;
    }
    for (auto& table : tables) next.imported.push_back(Keep(std::move(table)));
    Publish(std::move(next));
    return absl::OkStatus();
  }

 private:
  Registry() {
    View first;
    first.majors.assign(kBuiltInMajors.begin(), kBuiltInMajors.end());
    Publish(std::move(first));
  }

  static absl::Status CheckOne(const CodeTable& table,
                               std::vector<std::string_view>& majors) {
    const CodeTable* built_in = CodeTable::BuiltIn(table.system());
    if (table.system() == kConditions) {
      FieldError error;
      error.field = "name";
      error.value = table.system();
      error.allowed =
          "其他体系：报考条件的代码由程序解释，随程序升级，不能导入";
      return InvalidField(kCodeTableInvalid, error);
    }
    if (built_in != nullptr && built_in->version() == table.version()) {
      FieldError error;
      error.field = "version";
      error.value = table.version();
      error.allowed =
          absl::StrCat("与程序自带版本 ", built_in->version(), " 不同的版本名");
      return InvalidField(kFieldInvalid, error);
    }
    if (built_in != nullptr) {
      absl::Status shape = CheckShape(*built_in, table);
      if (!shape.ok()) return shape;
    }
    if (!AddMajors(table, majors)) {
      return MakeError(
          absl::StatusCode::kFailedPrecondition, kCodeTableInvalid,
          absl::StrCat("专业目录最多 ", kMaxMajorSystems,
                       " 个体系，不能再导入新的体系 ", table.system(),
                       "；请作为已有体系的新版本导入"));
    }
    return absl::OkStatus();
  }

  const CodeTable* Keep(std::unique_ptr<CodeTable> table)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    tables_.push_back(std::move(table));
    return tables_.back().get();
  }

  void Publish(View next) {
    next.fingerprint = FingerprintOf(next.imported);
    // Names in `majors` point into tables, which are kept.
    views_.push_back(std::make_unique<const View>(std::move(next)));
    view_.store(views_.back().get(), std::memory_order_release);
  }

  Mutex mu_;  // of writers
  std::vector<std::unique_ptr<const CodeTable>> tables_ ABSL_GUARDED_BY(mu_);
  std::vector<std::unique_ptr<const View>> views_;  // old ones may be in use
  std::atomic<const View*> view_{nullptr};
};

}  // namespace

const CodeTable* CodeTable::Get(std::string_view system) {
  const CodeTable* imported = Current(Registry::Process().view(), system);
  return imported != nullptr ? imported : BuiltIn(system);
}

const CodeTable* CodeTable::Get(std::string_view system,
                                std::string_view version) {
  if (version.empty()) return Get(system);
  for (const CodeTable* table : Registry::Process().view().imported) {
    if (table->system() == system && table->version() == version) return table;
  }
  const CodeTable* built_in = BuiltIn(system);
  return built_in != nullptr && built_in->version() == version ? built_in
                                                               : nullptr;
}

std::vector<RegisteredTable> ListCodeTables() {
  const View& view = Registry::Process().view();
  std::vector<std::string_view> systems(CodeTable::BuiltInSystems().begin(),
                                        CodeTable::BuiltInSystems().end());
  const size_t built_in = systems.size();
  for (const CodeTable* table : view.imported) {
    if (!IsBuiltIn(table->system())) systems.push_back(table->system());
  }
  std::sort(systems.begin() + built_in, systems.end());
  systems.erase(std::unique(systems.begin() + built_in, systems.end()),
                systems.end());
  std::vector<RegisteredTable> all;
  for (std::string_view system : systems) {
    const CodeTable* current = Current(view, system);
    if (const CodeTable* table = CodeTable::BuiltIn(system)) {
      all.push_back({table, true, current == nullptr});
    }
    for (const CodeTable* table : view.imported) {
      if (table->system() == system) {
        all.push_back({table, false, table == current});
      }
    }
  }
  return all;
}

std::span<const std::string_view> MajorSystemNames() {
  return Registry::Process().view().majors;
}

absl::Status CanRegisterCodeTable(const CodeTable& table) {
  return Registry::Process().Check(table);
}

absl::Status RegisterCodeTable(std::unique_ptr<CodeTable> table) {
  return Registry::Process().Add(std::move(table));
}

absl::Status SetImportedCodeTables(
    std::vector<std::unique_ptr<CodeTable>> tables) {
  return Registry::Process().Set(std::move(tables));
}

std::string ImportedFingerprint() {
  return Registry::Process().view().fingerprint;
}

}  // namespace gradmatch
