// The word lists, as bytes of the program; see index/codes/data.S.

        .section .rodata
.macro embed name, file
        .global gradmatch_text_\name
        .global gradmatch_text_\name\()_end
gradmatch_text_\name:
        .incbin "\file"
gradmatch_text_\name\()_end:
        .byte 0
.endm

        embed skills, skills.txt
        embed major_aliases, major_aliases.tsv
        embed function_aliases, function_aliases.tsv
        embed major_functions, major_functions.tsv
        embed group_crossings, group_crossings.tsv
        embed stop_words, stop_words.txt
        embed sensitive_words, sensitive_words.txt

        .section .note.GNU-stack,"",@progbits
