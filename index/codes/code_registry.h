#ifndef GRADMATCH_INDEX_CODES_CODE_REGISTRY_H_
#define GRADMATCH_INDEX_CODES_CODE_REGISTRY_H_

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "index/codes/code_table.h"

namespace gradmatch {

// The code tables of this process: those compiled in, and those imported, which
// a data folder brings (index/code_table_store.h). Which table answers:
//
//   - a system's current version is the table imported last, or the built-in
//     one where none was imported;
//   - a version is replaced only by an import of the same version; the versions
//     of the program cannot be replaced, only followed by another.
//   - the system `condition` is the program's alone: what its codes mean for
//   each
//     other is code.
//
// A change is seen by the calls that begin after it, whole. Tables that were
// replaced stay in memory until the program ends, so a table or entry once
// handed out may be used for good. All functions may run concurrently; reading
// takes no lock.
//
// What was made with an older table stays as it is: stored records keep the
// codes they were read with. A source's rows are read again with the tables of
// the day when it sends them again, unchanged ones too, since
// ImportedFingerprint() is part of what "unchanged" means. Crossing between
// systems and the check of a profile against a posting read the tables anew
// each time.

struct RegisteredTable {
  const CodeTable* table = nullptr;
  bool built_in = false;
  bool current = false;
};
// Every version of every system: built-in systems first, in a fixed order, then
// imported ones by name; within one the oldest version first.
std::vector<RegisteredTable> ListCodeTables();

// Systems whose codes a major may be: the built-in ones, in the order in which
// a bare name is looked up, then imported new ones that IsMajorCatalogue(). The
// views live as long as the program. A system keeps its place for the life of
// the process, even without a table; `kMaxMajorSystems` have room.
std::span<const std::string_view> MajorSystemNames();
inline constexpr size_t kMaxMajorSystems = 31;

// Makes a table the current one of its system. FailedPrecondition, in Chinese,
// when it is one more catalogue of majors than there is room for;
// InvalidArgument when its version is a built-in one, or its codes have not the
// shape that the program reads codes of a built-in system by.
absl::Status RegisterCodeTable(std::unique_ptr<CodeTable> table);
// The same question without the answer's effect.
absl::Status CanRegisterCodeTable(const CodeTable& table);

// Makes these the imported tables, in the order of their import, instead of all
// there were: what opening a data folder does. Tables that cannot be registered
// are an error, and nothing changes.
absl::Status SetImportedCodeTables(
    std::vector<std::unique_ptr<CodeTable>> tables);

// Tells sets of imported tables apart; empty when there is none.
std::string ImportedFingerprint();

}  // namespace gradmatch

#endif  // GRADMATCH_INDEX_CODES_CODE_REGISTRY_H_
