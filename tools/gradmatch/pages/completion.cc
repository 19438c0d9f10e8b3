#include "tools/gradmatch/pages/completion.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace gradmatch {
namespace {

// What a server can be asked the names of: the command that lists them, and
// the collection in front of each name.
constexpr char kSources[] = "@source list:sources";
constexpr char kPlans[] = "@push plan list:pushPlans";
constexpr char kRuns[] = "@push ps:pushRuns";

// Words for one value: those that are allowed, names to ask for, or none, for
// files. No word that is new is completed: an id to create has no list.
std::string WordsFor(const CommandTree& command, const OptionWords& option) {
  if (!option.taken.words.empty()) {
    return absl::StrJoin(option.taken.words, " ");
  }
  const bool of_source =
      absl::StartsWith(command.path, "source ") && option.name == "id";
  if (of_source || option.name == "--source") return kSources;
  if (option.name == "plan") return std::string(kPlans);
  if (option.name == "run") return std::string(kRuns);
  return "";
}

// Every command has them, the program too.
bool IsHelp(const OptionWords& option) {
  return absl::StartsWith(option.name, "--help");
}

void AddCase(absl::string_view pattern, absl::string_view words,
             std::string& out) {
  if (words.empty()) return;
  absl::StrAppend(&out, "    '", pattern, "') echo '", words, "' ;;\n");
}

// The tables as functions that print words; both shells read them.
class Tables {
 public:
  explicit Tables(const CommandTree& program) {
    for (const OptionWords& option : program.options) {
      AddOption(program, option, global_);
    }
    Add(program);
  }

  std::string ToString() const {
    return absl::StrCat(
        "# Words that may follow a command, and its options.\n",
        Function("commands", "$1", commands_),
        Function("options", "$1", options_),
        "# Options that take a value, of a command or of all.\n",
        Function("valued", "$1", valued_),
        "# Words for the value of COMMAND:OPTION or COMMAND:PLACE.\n",
        Function("values", "$1", values_));
  }

 private:
  static std::string Function(absl::string_view name, absl::string_view what,
                              absl::string_view cases) {
    return absl::StrCat("_gradmatch_", name, "() {\n  case \"", what, "\" in\n",
                        cases, "  esac\n}\n");
  }

  struct Names {
    std::vector<std::string> all;
    std::vector<std::string> valued;
  };

  void AddOption(const CommandTree& command, const OptionWords& option,
                 Names& names) {
    names.all.push_back(option.name);
    if (option.flag) return;
    names.valued.push_back(option.name);
    AddCase(absl::StrCat(command.path, ":", option.name),
            WordsFor(command, option), values_);
  }

  void Add(const CommandTree& command) {
    Names names = global_;
    int place = 0;
    for (const OptionWords& option : command.options) {
      if (option.positional) {
        // A repeated word stands at this place and all after it.
        AddCase(absl::StrCat(command.path, ":", place++),
                WordsFor(command, option), values_);
      } else if (!command.path.empty() && !IsHelp(option)) {
        AddOption(command, option, names);
      }
    }
    std::vector<std::string> words;
    for (const CommandTree& below : command.commands) {
      words.push_back(below.path.substr(below.path.rfind(' ') + 1));
    }
    AddCase(command.path, absl::StrJoin(words, " "), commands_);
    AddCase(command.path, absl::StrJoin(names.all, " "), options_);
    AddCase(command.path, absl::StrJoin(names.valued, " "), valued_);
    for (const CommandTree& below : command.commands) Add(below);
  }

  Names global_;
  std::string commands_, options_, valued_, values_;
};

// _gradmatch_walk takes the words before the one that is completed, without the
// program. It sets `command`; `place`, how many positional words stand there;
// `option`, the option whose value is wanted. The names of a server go through
// a list of harmless characters, since shells evaluate what they offer.
constexpr char kWalk[] = R"sh(
_gradmatch_walk() {
  local word
  command='' place=0 option=''
  for word in "$@"; do
    if [[ -n $option ]]; then
      option=''
    elif [[ $word == --*=* ]]; then
      :
    elif [[ $word == -* ]]; then
      [[ " $(_gradmatch_valued "$command") " == *" $word "* ]] && option=$word
    elif [[ " $(_gradmatch_commands "$command") " == *" $word "* ]]; then
      command=${command:+$command }$word
    else
      place=$((place + 1))
    fi
  done
}
# Names that a server has, when it answers at once.
_gradmatch_names() {
  local list=${1%%:*} collection=${1#*:}
  eval "gradmatch ${list#@} --limit 200 --output jsonl --timeout 1" \
    2>/dev/null </dev/null |
    sed -n 's/^{"name":"'"$collection"'\/\([A-Za-z0-9._-]*\)".*/\1/p'
}
# Words for what is completed: begins with $1. Empty: files. Fails when nothing
# is to be offered.
_gradmatch_candidates() {
  local words
  if [[ -n $option ]]; then
    words=$(_gradmatch_values "$command:$option")
    [[ -n $words ]] || words=$(_gradmatch_values ":$option")
  elif [[ $1 == -* ]]; then
    words=$(_gradmatch_options "$command")
  else
    words=$(_gradmatch_commands "$command")
    [[ -n $words ]] || words=$(_gradmatch_values "$command:$place")
  fi
  if [[ $words == @* ]]; then
    words=$(_gradmatch_names "$words")
    [[ -n $words ]] || return 1
  fi
  echo "$words"
}
)sh";

constexpr char kBash[] = R"sh(
_gradmatch() {
  local command place option cur=${COMP_WORDS[COMP_CWORD]}
  local -a before=("${COMP_WORDS[@]:1:COMP_CWORD-1}")
  COMPREPLY=()
  # Bash takes the "=" of --option=value for a word of its own.
  if [[ $cur == = ]]; then
    cur=''
  elif [[ ${#before[@]} -gt 0 && ${before[-1]} == = ]]; then
    unset 'before[-1]'
  fi
  _gradmatch_walk "${before[@]}"
  local words
  words=$(_gradmatch_candidates "$cur") || return 0
  if [[ -n $words ]]; then
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
  elif [[ $cur != -* ]]; then
    compopt -o filenames 2>/dev/null
    local IFS=$'\n'
    COMPREPLY=($(compgen -f -- "$cur"))
  fi
}
complete -F _gradmatch gradmatch
)sh";

constexpr char kZsh[] = R"sh(
_gradmatch() {
  local command place option candidates
  _gradmatch_walk "${(@)words[2,CURRENT-1]}"
  candidates=$(_gradmatch_candidates "$PREFIX") || return 0
  if [[ -n $candidates ]]; then
    compadd -- ${=candidates}
  else
    _files
  fi
}
# Loaded as a completion function, or by `source <(gradmatch completion zsh)`.
if [[ ${funcstack[1]} == _gradmatch ]]; then
  _gradmatch "$@"
else
  compdef _gradmatch gradmatch
fi
)sh";

}  // namespace

std::string BashCompletion(const CommandTree& program) {
  return absl::StrCat(
      "# bash completion of gradmatch; made by `gradmatch completion "
      "bash`.\n\n",
      Tables(program).ToString(), kWalk, kBash);
}

std::string ZshCompletion(const CommandTree& program) {
  return absl::StrCat(
      "#compdef gradmatch\n"
      "# zsh completion of gradmatch; made by `gradmatch completion zsh`.\n\n",
      Tables(program).ToString(), kWalk, kZsh);
}

}  // namespace gradmatch
