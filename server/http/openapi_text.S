// proto/openapi/openapi.json as bytes of the program (see openapi_text.cc).
        .section .rodata
        .global gradmatch_openapi_json
        .global gradmatch_openapi_json_end
gradmatch_openapi_json:
        .incbin "openapi.json"
gradmatch_openapi_json_end:
        .byte 0
        .section .note.GNU-stack,"",@progbits
