#ifndef GRADMATCH_TOOLS_GRADMATCH_COMMANDS_H_
#define GRADMATCH_TOOLS_GRADMATCH_COMMANDS_H_

#include "tools/gradmatch/client.h"
#include "tools/gradmatch/command_line.h"

namespace gradmatch {

// Each adds a group of commands. `options` is filled when the command line is
// read and must outlive `line`.
void AddServerCommands(CommandLine& line, const GlobalOptions& options);
void AddCheckCommand(CommandLine& line, const GlobalOptions& options);
void AddCodeCommands(CommandLine& line, const GlobalOptions& options);
void AddSourceCommands(CommandLine& line, const GlobalOptions& options);
void AddPostingCommands(CommandLine& line, const GlobalOptions& options);
void AddGraduateCommands(CommandLine& line, const GlobalOptions& options);
// The commands of the group "graduate" about rights; called by the above.
void AddRightsCommands(CommandLine& line, const GlobalOptions& options);
void AddContentCommands(CommandLine& line, const GlobalOptions& options);
void AddImportCommands(CommandLine& line, const GlobalOptions& options);
void AddMatchCommands(CommandLine& line, const GlobalOptions& options);
void AddIndexCommands(CommandLine& line, const GlobalOptions& options);
void AddFeedbackCommands(CommandLine& line, const GlobalOptions& options);
void AddPushCommands(CommandLine& line, const GlobalOptions& options);
void AddStaffCommands(CommandLine& line, const GlobalOptions& options);
void AddAuditCommands(CommandLine& line, const GlobalOptions& options);
void AddTokenCommands(CommandLine& line, const GlobalOptions& options);
void AddSealKeyCommands(CommandLine& line, const GlobalOptions& options);
void AddSnapshotCommands(CommandLine& line, const GlobalOptions& options);
void AddSampleCommands(CommandLine& line, const GlobalOptions& options);
// Pages made from what the other commands and options say of themselves: the
// last to be added.
void AddPageCommands(CommandLine& line, const GlobalOptions& options);
void AddContextCommands(CommandLine& line, const GlobalOptions& options);
void AddTlsCommands(CommandLine& line, const GlobalOptions& options);
void AddDemoCommand(CommandLine& line, const GlobalOptions& options);

}  // namespace gradmatch

#endif  // GRADMATCH_TOOLS_GRADMATCH_COMMANDS_H_
