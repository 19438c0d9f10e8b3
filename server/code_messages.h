#ifndef GRADMATCH_SERVER_CODE_MESSAGES_H_
#define GRADMATCH_SERVER_CODE_MESSAGES_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "gradmatch/v1/code_service.pb.h"
#include "index/codes/code_registry.h"
#include "index/codes/code_table.h"

namespace gradmatch {

// Code tables as messages, and the tables that requests name.

v1::CodeSystem ToCodeSystem(const RegisteredTable& registered);
v1::Code ToCode(const CodeTable& table, const CodeEntry& entry);
v1::CodeInfo ToCodeInfo(const CodeTable& table, const CodeEntry& entry);

// codeSystems/{code_system}; INVALID_ARGUMENT as ParseResourceName says.
absl::StatusOr<std::string> ParseCodeSystemName(std::string_view field,
                                                std::string_view name);
// The table a name stands for; an empty version means the current one.
// NOT_FOUND, CODE_SYSTEM_NOT_FOUND, when there is none.
absl::StatusOr<const CodeTable*> FindNamedTable(std::string_view field,
                                                std::string_view name,
                                                std::string_view version = "");
// A code of the table, in force or one's successor. INVALID_ARGUMENT,
// CODE_UNKNOWN (FIELD_MISSING when empty), with the nearest.
absl::StatusOr<const CodeEntry*> FindNamedCode(std::string_view field,
                                               const CodeTable& table,
                                               std::string_view code);

}  // namespace gradmatch

#endif  // GRADMATCH_SERVER_CODE_MESSAGES_H_
